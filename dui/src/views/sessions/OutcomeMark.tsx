import { Mark } from '../../parts/Mark';
import { say } from '../../words/language';
import type { Tone } from '../../words/phases';
import type { Outcome } from './types';
import { WORDS } from './words';

interface OutcomeMarkProps {
  outcome: Outcome;
  isPrivate: boolean;
  failure: string | null | undefined;
}

const TONES: Record<Outcome, Tone> = { settled: 'success', refunded: 'neutral', rejected: 'neutral', addendum: 'info' };

/** How a session ended; a failure shows in its colour and icon. */
export function OutcomeMark({ outcome, isPrivate, failure }: OutcomeMarkProps) {
  const words = say(WORDS);
  const tone = failure ? 'warning' : (TONES[outcome] ?? 'neutral');
  return (
    <Mark tone={tone} title={words.outcomesAbout[outcome]}>
      {isPrivate ? words.test : (words.outcomes[outcome] ?? outcome)}
    </Mark>
  );
}
