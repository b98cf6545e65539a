import { useRef, useState } from 'react';
import { path, type Tagged } from '../../../http/client';
import { useTaggedRead } from '../../../http/hooks';
import { Loading } from '../../../parts/Loading';
import { ProblemView } from '../../../parts/ProblemView';
import { useMay } from '../../../shell/me';
import { say } from '../../../words/language';
import type { Registered } from '../types';
import { General } from './General';
import { Password } from './Password';
import { Remove } from './Remove';
import { ReadContext } from './Saving';
import { Security } from './Security';
import { TariffPanel } from './TariffPanel';
import { TolerancesPanel } from './TolerancesPanel';
import { WORDS } from './words';

/** What a charge point is registered as: its price, its name, and how it signs in. */
export default function StationSettings({ id }: { id: string }) {
  const words = say(WORDS);
  const isAdministrator = useMay('administrator');
  const [times, setTimes] = useState(0);
  const { data, error, refetch } = useTaggedRead<Registered>(path`/charge-points/${id}/config`);
  if (error && !data) return <ProblemView problem={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading />;
  return (
    <>
      {!isAdministrator && <p className="console-hint">{words.onlyAdministrators}</p>}
      <Forms key={`${id} ${times}`} read={data} onAgain={() => void refetch().then(() => setTimes(times + 1))} />
    </>
  );
}

/** The forms, as they were filled once; they begin anew only when somebody asks for it. */
function Forms({ read, onAgain }: { read: Tagged<Registered>; onAgain: () => void }) {
  const isAdministrator = useMay('administrator');
  const tag = useRef(read.tag);
  const registered = read.value;
  const id = registered.charge_point_id;
  return (
    <ReadContext value={{ tag, again: onAgain }}>
      <fieldset className="console-cp-settings" disabled={!isAdministrator}>
        <legend className="pf-v6-screen-reader">{id}</legend>
        <TariffPanel registered={registered} />
        <General registered={registered} />
        <Security registered={registered} />
        <TolerancesPanel registered={registered} />
        {isAdministrator && <Password registered={registered} />}
        {isAdministrator && <Remove id={id} />}
      </fieldset>
    </ReadContext>
  );
}
