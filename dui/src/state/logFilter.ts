import type { LogLine } from '../wire/types';

/** Levels by weight; a filter lets through its own level and all above. */
export const LEVELS = ['debug', 'info', 'warning', 'error', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

export interface LogFilter {
  readonly level: Level;
  readonly text: string;
  /** Only of this service; empty: of all. */
  readonly service?: string;
  /** Only of this charge point; empty: of all, and of none. */
  readonly chargePointId?: string;
}

export const NO_FILTER: LogFilter = { level: 'debug', text: '' };

/** Whether a filter lets everything through. */
export function isOpen({ level, text, service, chargePointId }: LogFilter): boolean {
  return level === 'debug' && !text.trim() && !service && !chargePointId;
}

/** Make the test that lines have to pass; a mark of a gap passes always. */
export function matcher(filter: LogFilter): (line: LogLine & { isGap?: true }) => boolean {
  const least = weight(filter.level);
  const sought = filter.text.trim();
  const text = sought ? new RegExp(sought.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i') : null;
  const { service, chargePointId } = filter;
  return (line) => {
    if (line.isGap) return true;
    if (weight(line.level) < least) return false;
    if (service && line.service !== service) return false;
    if (chargePointId && line.charge_point_id !== chargePointId) return false;
    if (!text) return true;
    return (
      text.test(line.text) ||
      text.test(line.service) ||
      (line.session_id !== null && text.test(line.session_id)) ||
      (line.charge_point_id !== null && text.test(line.charge_point_id))
    );
  };
}

export function passes(line: LogLine, filter: LogFilter): boolean {
  return matcher(filter)(line);
}

function weight(level: string): number {
  const index = (LEVELS as readonly string[]).indexOf(level.toLowerCase());
  return index < 0 ? LEVELS.indexOf('info') : index;
}
