import { ConsoleStore } from '../state/consoleStore';
import { LogBuffer } from '../state/logBuffer';
import { onNextFrame } from '../state/notifier';
import { ConsoleConnection } from '../wire/connection';
import type { Live } from './live';

/** Make the live connection's parts; `connect` opens it and gives the way to close it. */
export function startLive(): Live & { connect: () => () => void } {
  const store = new ConsoleStore(onNextFrame);
  const log = new LogBuffer(onNextFrame);
  const connection = new ConsoleConnection(store, log);
  return { store, log, command: connection.command, connect: connection.open };
}
