import type { LogLine } from '../wire/types';
import { type LogFilter, matcher, NO_FILTER } from './logFilter';
import { Notifier, type Schedule } from './notifier';

export { LEVELS, type Level, type LogFilter, passes } from './logFilter';

export const MOST_LINES = 100_000;
/** So many different names are held once only; see `#shared`. */
const MOST_NAMES = 5_000;

/** A line of the log, or a mark where lines are missing. */
export type LogRow = LogLine & { readonly isGap?: true };

/** What the log view draws: the lines that pass the filter, and how many there are of each. */
export interface LogView {
  readonly lines: readonly LogRow[];
  readonly total: number;
  /** The services that wrote any of them, in order. */
  readonly services: readonly string[];
  /** Changes with every new view, also when the array is the same, grown one. */
  readonly version: number;
  /** How many lines were put in front, or dropped there, since the view began. */
  readonly shifted: number;
}

/**
 * The newest lines, kept outside React and told of once per frame.
 *
 * Lines have rising stream ids; one that is not above the last is a repeat and dropped, so a replay
 * after a reconnect leaves neither gap nor double.
 */
export class LogBuffer {
  #lines: LogRow[] = [];
  #passing: LogRow[] = [];
  #filter: LogFilter = NO_FILTER;
  #passes = matcher(NO_FILTER);
  #last = '0';
  #epoch: string | null = null;
  #shifted = 0;
  #services: string[] = [];
  #names = new Map<string, string>();
  #view: LogView = { lines: [], total: 0, services: [], version: 0, shifted: 0 };
  readonly #most: number;
  readonly #notifier: Notifier;
  readonly subscribe: Notifier['subscribe'];

  constructor(schedule: Schedule, most = MOST_LINES) {
    this.#most = most;
    this.#notifier = new Notifier((run) =>
      schedule(() => {
        this.#view = {
          lines: this.#passing,
          total: this.#lines.length,
          services: this.#services,
          version: this.#view.version + 1,
          shifted: this.#shifted,
        };
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

  /** The id of the oldest line: what older ones come before; null while there is none. */
  get firstId(): string | null {
    return this.#lines.find((line) => !line.isGap)?.id ?? null;
  }

  /** Which log the lines are of; null before the console told. */
  get epoch(): string | null {
    return this.#epoch;
  }

  /** Whether older lines would find room. */
  get hasRoom(): boolean {
    return this.#lines.length < this.#most;
  }

  /** Go on with this log; the lines of another one are dropped. */
  begin(epoch: string): void {
    if (this.#epoch !== null && this.#epoch !== epoch) this.clear();
    this.#epoch = epoch;
  }

  append(lines: readonly LogLine[]): void {
    for (const line of lines) {
      if (compareIds(line.id, this.#last) <= 0) continue;
      this.#last = line.id;
      this.#push(this.#shared(line));
    }
    if (this.#lines.length > this.#most * 1.1) this.#trim();
    this.#notifier.changed();
  }

  /** Put older lines, the oldest first, in front; those that are not older are dropped. */
  prepend(lines: readonly LogLine[]): void {
    const first = this.firstId;
    const older = lines.filter((line) => first === null || compareIds(line.id, first) < 0).map((line) => this.#shared(line));
    const passing = older.filter(this.#passes);
    this.#lines = [...older, ...this.#lines];
    this.#passing = [...passing, ...this.#passing];
    this.#shifted += passing.length;
    if (this.#last === '0') this.#last = older.at(-1)?.id ?? '0';
    this.#notifier.changed();
  }

  /** Mark that lines after line `from` are lost. */
  noteGap(from: string): void {
    const mark = { id: `${from}-gap`, at: '', level: 'warning', service: '', session_id: null, charge_point_id: null, text: '' };
    this.#push({ ...mark, isGap: true });
    this.#notifier.changed();
  }

  clear(): void {
    this.#lines = [];
    this.#passing = [];
    this.#last = '0';
    this.#shifted = 0;
    this.#notifier.changed();
  }

  setFilter(filter: LogFilter): void {
    this.#filter = filter;
    this.#passes = matcher(filter);
    this.#passing = this.#lines.filter(this.#passes);
    this.#shifted = 0;
    this.#notifier.changed();
  }

  get filter(): LogFilter {
    return this.#filter;
  }

  #push(line: LogRow): void {
    this.#lines.push(line);
    if (this.#passes(line)) this.#passing.push(line);
  }

  #trim(): void {
    const dropped = this.#lines.length - this.#most;
    const firstKept = this.#lines[dropped];
    const old = new Set(this.#lines.slice(0, dropped));
    this.#lines = this.#lines.slice(dropped);
    if (!firstKept) return;
    const kept = this.#passing.findIndex((line) => !old.has(line));
    const gone = kept < 0 ? this.#passing.length : kept;
    this.#passing = this.#passing.slice(gone);
    this.#shifted -= gone;
  }

  /** Keep one copy of each name: of 100,000 lines most have the same few. */
  #shared(line: LogLine): LogLine {
    line.service = this.#name(line.service);
    line.level = this.#name(line.level);
    line.charge_point_id &&= this.#name(line.charge_point_id);
    line.session_id &&= this.#name(line.session_id);
    if (line.service && !this.#services.includes(line.service)) this.#services = [...this.#services, line.service].sort();
    return line;
  }

  #name(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= MOST_NAMES) this.#names.clear();
    this.#names.set(name, name);
    return name;
  }
}

/** Order two stream ids, `<milliseconds>-<sequence>`. */
export function compareIds(a: string, b: string): number {
  const [aTime = '0', aSequence = '0'] = a.split('-');
  const [bTime = '0', bSequence = '0'] = b.split('-');
  return Number(aTime) - Number(bTime) || Number(aSequence) - Number(bSequence);
}
