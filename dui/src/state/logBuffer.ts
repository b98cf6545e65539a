import type { LogLine } from '../wire/types';
import { Notifier, type Schedule } from './notifier';

export const MOST_LINES = 100_000;

/** Levels by weight; a filter lets through its own level and all above. */
export const LEVELS = ['debug', 'info', 'warning', 'error', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

export interface LogFilter {
  readonly level: Level;
  readonly text: string;
}

/** What the log view draws: the lines that pass the filter, and how many there are of each. */
export interface LogView {
  readonly lines: readonly LogLine[];
  readonly total: number;
  /** Changes with every new view, also when the array is the same, grown one. */
  readonly version: number;
}

/**
 * The newest lines, kept outside React and told of once per frame.
 *
 * Lines have rising stream ids; one that is not above the last is a repeat and dropped, so a replay
 * after a reconnect leaves neither gap nor double.
 */
export class LogBuffer {
  #lines: LogLine[] = [];
  #passing: LogLine[] = [];
  #filter: LogFilter = { level: 'debug', text: '' };
  #last = '0';
  #view: LogView = { lines: [], total: 0, version: 0 };
  readonly #most: number;
  readonly #notifier: Notifier;
  readonly subscribe: Notifier['subscribe'];

  constructor(schedule: Schedule, most = MOST_LINES) {
    this.#most = most;
    this.#notifier = new Notifier((run) =>
      schedule(() => {
        this.#view = { lines: this.#passing, total: this.#lines.length, version: this.#view.version + 1 };
        run();
      }),
    );
    this.subscribe = this.#notifier.subscribe;
  }

  readonly snapshot = (): LogView => this.#view;

  /** The id of the newest line: what to ask the backend for after a reconnect. */
  get lastId(): string {
    return this.#last;
  }

  append(lines: readonly LogLine[]): void {
    for (const line of lines) {
      if (compareIds(line.id, this.#last) <= 0) continue;
      this.#last = line.id;
      this.#lines.push(line);
      if (passes(line, this.#filter)) this.#passing.push(line);
    }
    if (this.#lines.length > this.#most * 1.1) {
      this.#lines = this.#lines.slice(-this.#most);
      this.#refilter();
    }
    this.#notifier.changed();
  }

  setFilter(filter: LogFilter): void {
    this.#filter = filter;
    this.#refilter();
    this.#notifier.changed();
  }

  #refilter(): void {
    this.#passing = this.#lines.filter((line) => passes(line, this.#filter));
  }
}

/** Order two stream ids, `<milliseconds>-<sequence>`. */
export function compareIds(a: string, b: string): number {
  const [aTime = '0', aSequence = '0'] = a.split('-');
  const [bTime = '0', bSequence = '0'] = b.split('-');
  return Number(aTime) - Number(bTime) || Number(aSequence) - Number(bSequence);
}

export function passes(line: LogLine, filter: LogFilter): boolean {
  if (weight(line.level) < weight(filter.level)) return false;
  const sought = filter.text.trim().toLowerCase();
  if (!sought) return true;
  return [line.text, line.service, line.session_id, line.charge_point_id].some((field) =>
    field?.toLowerCase().includes(sought),
  );
}

function weight(level: string): number {
  const index = (LEVELS as readonly string[]).indexOf(level.toLowerCase());
  return index < 0 ? LEVELS.indexOf('info') : index;
}
