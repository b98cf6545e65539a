import { Link, Route, Switch } from 'wouter';
import { PageTitle } from '../../parts/PageTitle';
import { useConsole, useLive, useStation } from '../../shell/live';
import { WORDS as SHELL } from '../../shell/words';
import { stationIds } from '../../state/consoleStore';
import { say } from '../../words/language';
import { StationView } from './StationView';

/** All charge points, and each of them. */
export default function ChargePoints() {
  return (
    <Switch>
      <Route path="/charge-points/:id">{({ id }) => <One key={id} id={decodeURIComponent(id)} />}</Route>
      <Route>
        <All />
      </Route>
    </Switch>
  );
}

function All() {
  const ids = stationIds(useConsole());
  return (
    <>
      <PageTitle>{say(SHELL).views.chargePoints}</PageTitle>
      <ul>
        {ids.map((id) => (
          <li key={id}>
            <Link href={`/charge-points/${encodeURIComponent(id)}`}>{id}</Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function One({ id }: { id: string }) {
  const station = useStation(id);
  const { connection } = useConsole();
  const { command } = useLive();
  return (
    <>
      <PageTitle above={{ href: '/charge-points', name: say(SHELL).views.chargePoints }}>{station?.status?.name ?? id}</PageTitle>
      {station && <StationView station={station} connection={connection} command={command} />}
    </>
  );
}
