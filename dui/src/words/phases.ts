import type { Phase } from '../wire/types';
import { PHASE_TEXTS, REASONS } from './phaseTexts';
import { say } from './language';

export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger';

export interface Words {
  readonly label: string;
  readonly explanation: string;
  readonly tone: Tone;
}

const TONES: Record<Phase, Tone> = {
  idle: 'neutral',
  verifying: 'info',
  authorising: 'info',
  starting: 'info',
  charging: 'success',
  stopping: 'warning',
  settling: 'info',
  executing: 'info',
  refunding: 'warning',
  settled: 'success',
  refunded: 'neutral',
  rejected: 'neutral',
  disputed: 'danger',
};

/** All phases of a session, in the order in which it goes through them. */
export const PHASES = Object.keys(TONES) as readonly Phase[];

const STOPPABLE: ReadonlySet<Phase> = new Set(['verifying', 'authorising', 'starting', 'charging']);
const RUNNING: ReadonlySet<Phase> = new Set([...STOPPABLE, 'stopping', 'settling', 'executing', 'refunding']);

/** Whether an operator can still stop a session in this phase. */
export function isStoppable(phase: Phase): boolean {
  return STOPPABLE.has(phase);
}

/** Whether a session in this phase still holds its connector. */
export function isRunning(phase: Phase): boolean {
  return RUNNING.has(phase);
}

/** The words of a phase; one that this page does not know yet is shown by its own name. */
export function phaseWords(phase: string, isPrivate = false): Words {
  const texts = say(PHASE_TEXTS);
  const known = phase as Phase;
  const [label, explanation] = texts.phases[known] ?? [phase, ''];
  const tone = TONES[known] ?? 'neutral';
  if (!isPrivate) return { label, explanation, tone };
  return { label: texts.privateLabels[known] ?? label, explanation: texts.ofTests[known] ?? explanation, tone };
}

/** Say a stop, failure or flag in words: known ones in ours, others by their name. */
export function inWords(reason: string): string {
  return say(REASONS)[reason] ?? reason.replaceAll('_', ' ');
}
