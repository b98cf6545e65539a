import { SkipToContent } from '../patternfly';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { type ConsoleStore, stationIds } from '../state/consoleStore';
import type { LogBuffer } from '../state/logBuffer';
import type { Answer, Command } from '../wire/types';
import { EmptyConsole } from './EmptyConsole';
import { Header } from './Header';
import { LogCard } from '../log/LogCard';
import { StationView } from './StationView';
import { Troubles } from './Troubles';

export type GiveCommand = (command: Command) => Promise<Answer>;

interface AppProps {
  store: ConsoleStore;
  log: LogBuffer;
  command: GiveCommand;
}

export function App({ store, log, command }: AppProps) {
  const state = useSyncExternalStore(store.subscribe, store.snapshot);
  const ids = stationIds(state);
  const [chosen, choose] = useChosenStation();
  const id = ids.includes(chosen) ? chosen : (ids[0] ?? '');
  const station = state.stations[id];
  return (
    <>
      <SkipToContent href="#main">Skip to content</SkipToContent>
      <Header
        connection={state.connection}
        status={station?.status ?? null}
        stationIds={ids}
        chosen={id}
        onChoose={choose}
      />
      <main id="main" tabIndex={-1} className="console-page">
        <h1 className="pf-v6-screen-reader">Noroam console{id && `: ${id}`}</h1>
        <Troubles connection={state.connection} status={station?.status ?? null} />
        {station ? (
          <StationView key={id} station={station} connection={state.connection} command={command} />
        ) : (
          <EmptyConsole connection={state.connection} />
        )}
        <LogCard log={log} />
      </main>
    </>
  );
}

/** The chosen charge point, kept in the address so that a bookmark leads to it. */
function useChosenStation(): [string, (id: string) => void] {
  const [chosen, setChosen] = useState(readHash);
  useEffect(() => {
    const follow = () => setChosen(readHash());
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  return [chosen, (id) => (window.location.hash = `station=${encodeURIComponent(id)}`)];
}

function readHash(): string {
  return new URLSearchParams(window.location.hash.slice(1)).get('station') ?? '';
}
