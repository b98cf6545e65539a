import { io, type Socket } from 'socket.io-client';
import type { ConsoleStore } from '../state/consoleStore';
import type { LogBuffer } from '../state/logBuffer';
import type { Answer, Command, Disputes, Identity, LogLine, Session, Status } from './types';

/** The longest that the page waits for an answer; the backend gives up earlier, with a reason. */
const ANSWER_TIMEOUT_MS = 120_000;

/** The one socket of the page: what arrives goes into the store and the log, commands go out. */
export class ConsoleConnection {
  readonly #socket: Socket;

  constructor(store: ConsoleStore, log: LogBuffer) {
    this.#socket = io({
      autoConnect: false,
      transports: ['websocket'],
      reconnectionDelay: 500,
      reconnectionDelayMax: 3000,
      auth: (give) => give({ since: log.lastId }),
    });
    this.#socket.on('connect', () => store.setConnection('connected'));
    this.#socket.on('disconnect', (reason) => {
      store.setConnection('disconnected');
      // The server closed on purpose (it stops, or we read too slowly): only then is it up to us.
      if (reason === 'io server disconnect') setTimeout(() => this.#socket.connect(), 1000);
    });
    this.#socket.on('connect_error', () => store.setConnection('disconnected'));
    this.#socket.on('status', (status: Status) => store.putStatus(status));
    this.#socket.on('identity', (identity: Identity) => store.putIdentity(identity));
    this.#socket.on('disputes', (disputes: Disputes) => store.putDisputes(disputes));
    this.#socket.on('session', (session: Session) => store.putSession(session));
    this.#socket.on('log', (lines: LogLine[]) => log.append(lines));
  }

  /** Connect; gives the way to disconnect. */
  readonly open = (): (() => void) => {
    this.#socket.connect();
    return () => this.#socket.disconnect();
  };

  /** Give a command and wait for its answer's body; what goes wrong on the way is a refusal, too. */
  readonly command = async (command: Command): Promise<Answer> => {
    try {
      return (await this.#socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck('command', command)) as Answer;
    } catch {
      const detail = 'the connection to the console was lost before the answer came';
      return { type: 'StationCommandRefused', command: command.type, reason: 'timeout', detail };
    }
  };
}
