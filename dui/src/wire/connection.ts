import { io, type Socket } from 'socket.io-client';
import type { ConsoleStore } from '../state/consoleStore';
import type { LogBuffer } from '../state/logBuffer';
import { take } from './take';
import type { Answer, Command, Hello, LogLine, Told } from './types';

/** The longest that the page waits for an answer; the backend gives up earlier, with a reason. */
const ANSWER_TIMEOUT_MS = 120_000;
/** How soon it is tried again after the console itself said no. */
const AGAIN_MS = 1000;

/** The one socket of the page: what arrives goes into the store and the log, commands go out. */
export class ConsoleConnection {
  readonly #socket: Socket;
  #isWanted = false;
  #isWaiting = false;

  constructor(store: ConsoleStore, log: LogBuffer) {
    this.#socket = io({
      autoConnect: false,
      transports: ['websocket'],
      reconnectionDelay: 500,
      reconnectionDelayMax: 3000,
      auth: (give) => give({ since: log.lastId, epoch: log.epoch, watch: store.isWatching ? store.watched : null }),
    });
    this.#socket.on('connect', () => {
      store.setConnection('connected');
      if (store.isWatching) this.#socket.emit('watch', store.watched);
    });
    this.#socket.on('disconnect', (reason) => {
      store.setConnection('disconnected');
      // The server closed on purpose (it stops, or we read too slowly): only then is it up to us.
      if (reason === 'io server disconnect') this.#again();
    });
    this.#socket.on('connect_error', () => {
      store.setConnection('disconnected');
      if (!this.#socket.active) this.#again();
    });
    this.#socket.on('hello', ({ epoch }: Hello) => {
      store.begin();
      if (epoch !== null) log.begin(epoch);
    });
    this.#socket.on('objects', (told: Told[]) => {
      for (const each of told) take(store, each);
    });
    this.#socket.on('log', (lines: LogLine[]) => log.append(lines));
    this.#socket.on('log_gap', ({ from }: { from: string }) => log.noteGap(from));
    store.whenWatching((ids) => {
      if (this.#socket.connected) this.#socket.emit('watch', ids);
    });
  }

  /** Connect; gives the way to disconnect. */
  readonly open = (): (() => void) => {
    this.#isWanted = true;
    this.#socket.connect();
    return () => {
      this.#isWanted = false;
      this.#socket.disconnect();
    };
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

  #again(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    setTimeout(() => {
      this.#isWaiting = false;
      if (this.#isWanted) this.#socket.connect();
    }, AGAIN_MS);
  }
}
