import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { Loading } from '../../../parts/Loading';
import { ProblemView } from '../../../parts/ProblemView';
import { useMay } from '../../../shell/me';
import { say } from '../../../words/language';
import type { Registered } from '../types';
import { General } from './General';
import { Password } from './Password';
import { Remove } from './Remove';
import { Security } from './Security';
import { TariffPanel } from './TariffPanel';
import { TolerancesPanel } from './TolerancesPanel';
import { WORDS } from './words';

/** What a charge point is registered as: its price, its name, and how it signs in. */
export default function StationSettings({ id }: { id: string }) {
  const words = say(WORDS);
  const isAdministrator = useMay('administrator');
  const { data, error, refetch } = useRead<Registered>(path`/charge-points/${id}/config`);
  if (error && !data) return <ProblemView problem={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading />;
  return (
    <>
      {!isAdministrator && <p className="console-hint">{words.onlyAdministrators}</p>}
      <fieldset className="console-cp-settings" disabled={!isAdministrator}>
        <legend className="pf-v6-screen-reader">{id}</legend>
        <TariffPanel registered={data} />
        <General registered={data} />
        <Security registered={data} />
        <TolerancesPanel registered={data} />
        {isAdministrator && <Password registered={data} />}
        {isAdministrator && <Remove id={id} />}
      </fieldset>
    </>
  );
}
