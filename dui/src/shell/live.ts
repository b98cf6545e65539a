import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ConsoleState, ConsoleStore, Station } from '../state/consoleStore';
import type { LogBuffer } from '../state/logBuffer';
import type { Answer, Command } from '../wire/types';

export type GiveCommand = (command: Command) => Promise<Answer>;

/** What comes over the live connection, and the way to command stations. */
export interface Live {
  readonly store: ConsoleStore;
  readonly log: LogBuffer;
  readonly command: GiveCommand;
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('there is no live connection');
  return live;
}

/** All that is live; renders again with each change of anything. */
export function useConsole(): ConsoleState {
  const { store } = useLive();
  return useSyncExternalStore(store.subscribe, store.snapshot);
}

/** One charge point; renders again only when something of it changed. */
export function useStation(id: string): Station | null {
  const { store } = useLive();
  return useSyncExternalStore(store.subscribe, () => store.snapshot().stations[id] ?? null);
}

/** Whether the page is connected, so that commands can be given. */
export function useIsLive(): boolean {
  const { store } = useLive();
  return useSyncExternalStore(store.subscribe, () => store.snapshot().connection === 'connected');
}
