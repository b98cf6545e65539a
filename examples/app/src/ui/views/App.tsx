import { useEffect } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { Busy } from '../parts/bits';
import { Screen } from '../parts/Screen';
import { ModelContext, useChanges, useRoute } from '../hooks';
import type { Model } from '../model';
import type { Route } from '../route';
import { words } from '../words';
import { Deposit } from './Deposit';
import { Scan } from './Scan';
import { SessionScreen } from './SessionScreen';
import { SettingsScreen } from './SettingsScreen';
import { Start } from './Start';
import { StationScreen } from './StationScreen';

const TRY_AGAIN_MS = 5_000;

interface AppProps {
  model: Model;
  /** Go on in this tab, which another one stopped. */
  onTake: () => void;
}

export function App({ model, onTake }: AppProps) {
  const route = useRoute();
  useChanges(model);
  const { online } = model.state;
  useEffect(() => {
    const changed = () => void model.tryNetwork();
    const timer = online ? undefined : setInterval(changed, TRY_AGAIN_MS);
    addEventListener('online', changed);
    addEventListener('offline', changed);
    return () => {
      clearInterval(timer);
      removeEventListener('online', changed);
      removeEventListener('offline', changed);
    };
  }, [model, online]);
  if (model.state.stage === 'elsewhere') return <Elsewhere onTake={onTake} />;
  return (
    <ModelContext.Provider value={model}>
      {!model.state.online && <Offline />}
      {model.state.stage === 'loading' ? <Loading /> : <Shown key={keyOf(route)} route={route} />}
    </ModelContext.Provider>
  );
}

function Shown({ route }: { route: Route }) {
  switch (route.at) {
    case 'station':
      return <StationScreen did={route.did} connector={route.connector} />;
    case 'deposit':
      return <Deposit did={route.did} connector={route.connector} />;
    case 'session':
      return <SessionScreen id={route.id} />;
    case 'scan':
      return <Scan />;
    case 'settings':
      return <SettingsScreen />;
    default:
      return <Start />;
  }
}

/** A screen is a new one where its subject is another; not for another connector. */
function keyOf(route: Route): string {
  if (route.at === 'session') return `session ${route.id}`;
  return 'did' in route ? `${route.at} ${route.did}` : route.at;
}

function Loading() {
  return (
    <Screen title={words.app} heading="unseen">
      <Busy>{words.loading}</Busy>
    </Screen>
  );
}

function Offline() {
  return (
    <div class="banner" role="status">
      <Icon name="offline" />
      <div>
        <strong>{words.offline.title}</strong>
        <p>{words.offline.text}</p>
      </div>
    </div>
  );
}

function Elsewhere({ onTake }: { onTake: () => void }) {
  return (
    <Screen title={words.elsewhere.title} heading="large">
      <p>{words.elsewhere.text}</p>
      <button type="button" class="button button-primary" onClick={onTake}>{words.elsewhere.take}</button>
    </Screen>
  );
}
