import { ChargingStationIcon, PlusCircleIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { useAlerts } from '../../../alerts/useAlerts';
import { count } from '../../../format/units';
import { EmptyView } from '../../../parts/EmptyView';
import { Loading } from '../../../parts/Loading';
import { PageTitle } from '../../../parts/PageTitle';
import { withParameter } from '../../../parts/withParameter';
import { Button } from '../../../patternfly';
import { useConsole } from '../../../shell/live';
import { useMay } from '../../../shell/me';
import { say } from '../../../words/language';
import { WORDS } from '../words';
import { Filters } from './Filters';
import { isWanted, listedOf } from './listed';
import { ListTable } from './ListTable';
import { type Look, rememberedLook, rememberLook } from './look';
import { Quarantine } from './Quarantine';
import { Register } from './Register';
import { Tiles } from './Tiles';

/** All charge points, those that wait to be admitted, and the way to register one. */
export function List() {
  const words = say(WORDS);
  const state = useConsole();
  const { alerts } = useAlerts();
  const [search, setSearch] = useSearchParams();
  const [look, setLook] = useState(rememberedLook);
  const isAdministrator = useMay('administrator');
  const choice = { text: search.get('text') ?? '', status: search.get('status') ?? '' };
  const all = state.ids.flatMap((id) => state.stations[id] ?? []).map((station) => listedOf(station, alerts));
  const shown = all.filter((listed) => isWanted(listed, choice));
  const isRegistering = search.has('register');
  const isEmpty = all.length === 0;
  const choose = (chosen: Look) => {
    rememberLook(chosen);
    setLook(chosen);
  };
  const set = (name: string, value: string | null) =>
    setSearch(withParameter(name, value), { replace: name === 'text' });
  const register = isAdministrator && !isRegistering && (
    <Button icon={<PlusCircleIcon />} onClick={() => set('register', 'new')}>
      {words.list.register}
    </Button>
  );
  return (
    <>
      <PageTitle actions={register}>{words.title}</PageTitle>
      {isRegistering && isAdministrator && <Register onClose={() => set('register', null)} />}
      {isAdministrator && <Quarantine />}
      {isEmpty && !isRegistering && (state.isComplete ? <None /> : <Loading />)}
      {!isEmpty && (
        <>
          <Filters choice={choice} look={look} onChange={set} onLook={choose} />
          <p className="console-hint" role="status">
            {words.list.shown(count(shown.length), count(all.length))}
          </p>
          {shown.length === 0 && <NoMatch onClear={() => setSearch({})} />}
          {shown.length > 0 && (look === 'tiles' ? <Tiles rows={shown} /> : <ListTable rows={shown} />)}
        </>
      )}
    </>
  );
}

function None() {
  const words = say(WORDS).list;
  return (
    <EmptyView icon={ChargingStationIcon} title={words.none}>
      <p>{words.noneAdvice}</p>
      <code>noroam charge-point add CP-1</code>
    </EmptyView>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  const words = say(WORDS).list;
  return (
    <EmptyView icon={ChargingStationIcon} title={words.noMatch}>
      <Button variant="link" onClick={onClear}>
        {words.clear}
      </Button>
    </EmptyView>
  );
}
