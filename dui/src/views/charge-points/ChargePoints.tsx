import { Route, Switch } from 'wouter';
import { List } from './list/List';
import { OneChargePoint } from './OneChargePoint';
import './charge-points.css';

/** All charge points, and each of them with its tabs. */
export default function ChargePoints() {
  return (
    <Switch>
      <Route path="/charge-points/:id/:tab?">
        {({ id, tab }) => <OneChargePoint key={id} id={decodeURIComponent(id)} tab={tab ?? 'now'} />}
      </Route>
      <Route>
        <List />
      </Route>
    </Switch>
  );
}
