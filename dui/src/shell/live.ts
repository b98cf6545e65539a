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

/** What is live, or what `select` takes of it; renders again only when that is another one. */
export function useConsole(): ConsoleState;
export function useConsole<T>(select: (state: ConsoleState) => T): T;
export function useConsole<T>(select?: (state: ConsoleState) => T): ConsoleState | T {
  const { store } = useLive();
  return useSyncExternalStore(store.subscribe, () => (select ? select(store.snapshot()) : store.snapshot()));
}

/** One charge point; renders again only when something of it changed. */
export function useStation(id: string): Station | null {
  return useConsole(({ stations }) => stations[id] ?? null);
}

/** Whether the page is connected, so that commands can be given. */
export function useIsLive(): boolean {
  return useConsole(({ connection }) => connection === 'connected');
}

/** The chain that stations are paid on; undefined until it was told. */
export function useChainId(): number | null | undefined {
  return useConsole(({ chain }) => chain?.chain_id);
}
