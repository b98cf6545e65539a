import { ChargingStationIcon } from '@patternfly/react-icons';
import { Link } from 'wouter';
import { AlertList } from '../../alerts/AlertList';
import { EmptyView } from '../../parts/EmptyView';
import { PageTitle } from '../../parts/PageTitle';
import { Panel } from '../../parts/Panel';
import { Card, CardBody } from '../../patternfly';
import { useConsole } from '../../shell/live';
import { say } from '../../words/language';
import { LatestSessions } from './LatestSessions';
import { NowFigures } from './NowFigures';
import { RunningSessions } from './RunningSessions';
import { summaryOf, runningOf } from './summary';
import { TodayFigures } from './TodayFigures';
import { WORDS } from './words';
import './overview.css';

/** How the business is doing, and what needs somebody. */
export default function Overview() {
  const words = say(WORDS);
  const state = useConsole();
  const stations = state.ids.flatMap((id) => state.stations[id] ?? []);
  if (state.isComplete && stations.length === 0) return <NoChargePoint />;
  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      <Card className="console-overview-figures">
        <CardBody>
          <NowFigures summary={summaryOf(stations, state.chain)} />
          <TodayFigures />
        </CardBody>
      </Card>
      <div className="console-overview-columns">
        <div className="console-column">
          <RunningSessions sessions={runningOf(stations)} />
          <LatestSessions />
        </div>
        <Panel title={words.alerts} className="console-overview-alerts">
          <AlertList />
        </Panel>
      </div>
    </>
  );
}

function NoChargePoint() {
  const words = say(WORDS);
  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      <EmptyView icon={ChargingStationIcon} title={words.empty}>
        <p>
          <Link href="/charge-points">{words.register}</Link>
        </p>
        <p>{words.emptyAdvice}</p>
        <code>noroam charge-point add CP-1</code>
      </EmptyView>
    </>
  );
}
