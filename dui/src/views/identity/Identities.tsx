import { Route, Switch } from 'wouter';
import { IdentityList } from './IdentityList';
import { OneIdentity } from './OneIdentity';
import './identity.css';

/** The DIDs of all charge points, and each of them with its document, label and history. */
export default function Identities() {
  return (
    <Switch>
      <Route path="/identity/:id">{({ id }) => <OneIdentity key={id} id={decodeURIComponent(id)} />}</Route>
      <Route>
        <IdentityList />
      </Route>
    </Switch>
  );
}
