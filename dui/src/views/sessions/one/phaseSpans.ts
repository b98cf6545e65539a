import type { Moment, Phase } from '../../../wire/types';
import type { Step } from '../types';

/** A phase from when to when. */
export interface PhaseSpan {
  readonly phase: Phase;
  readonly at: Moment;
  /** How long it lasted; null: it is the one that it ended with. */
  readonly ms: number | null;
  /** Its part of the bar, 0 to 1. */
  readonly share: number;
}

/** So much of the bar has each phase at least, so that short ones can be seen. */
const LEAST_SHARE = 0.02;

/** The phases of a session with their lengths; `ended` is when it ended. */
export function phaseSpans(timeline: readonly Step[], ended: Moment): PhaseSpan[] {
  const lengths = timeline.map(({ at }, place) => {
    const next = timeline[place + 1];
    if (!next) return place > 0 ? null : Math.max(0, Date.parse(ended) - Date.parse(at));
    return Math.max(0, Date.parse(next.at) - Date.parse(at));
  });
  const total = lengths.reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
  const shares = lengths.map((ms) => (ms === null ? 0 : Math.max(LEAST_SHARE, total > 0 ? ms / total : 1)));
  const sum = shares.reduce((all, share) => all + share, 0) || 1;
  return timeline.map(({ phase, at }, place) => ({ phase, at, ms: lengths[place] ?? null, share: (shares[place] ?? 0) / sum }));
}
