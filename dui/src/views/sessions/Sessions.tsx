import { Route, Switch } from 'wouter';
import { FindByReceipt } from './find/FindByReceipt';
import { List } from './list/List';
import { OneSession } from './one/OneSession';
import './sessions.css';

/** What runs and what ended; each session; and the way from a driver's receipt to its session. */
export default function Sessions() {
  return (
    <Switch>
      <Route path="/sessions/find">
        <FindByReceipt />
      </Route>
      <Route path="/sessions/:point/:session">
        {({ point, session }) => {
          const [chargePointId, sessionId] = [decodeURIComponent(point), decodeURIComponent(session)];
          return <OneSession key={sessionId} chargePointId={chargePointId} sessionId={sessionId} />;
        }}
      </Route>
      <Route>
        <List />
      </Route>
    </Switch>
  );
}
