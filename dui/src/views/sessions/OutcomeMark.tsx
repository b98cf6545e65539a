import { Mark } from '../../parts/Mark';
import { say } from '../../words/language';
import { inWords, type Tone } from '../../words/phases';
import { WORDS } from './outcomeWords';
import type { Outcome } from './types';

interface OutcomeMarkProps {
  outcome: Outcome;
  isPrivate: boolean;
  failure: string | null | undefined;
  flags: readonly string[];
}

const TONES: Record<Outcome, Tone> = { settled: 'success', refunded: 'neutral', rejected: 'neutral', addendum: 'info' };

/** How a session ended; a failure shows in its colour and icon, and what was invented says so. */
export function OutcomeMark({ outcome, isPrivate, failure, flags }: OutcomeMarkProps) {
  const words = say(WORDS);
  const tone = failure ? 'warning' : (TONES[outcome] ?? 'neutral');
  return (
    <>
      <Mark tone={tone} title={words.about[outcome]}>
        {isPrivate ? words.test : (words.names[outcome] ?? outcome)}
      </Mark>
      {flags.includes('generated') && <span className="console-hint">{inWords('generated')}</span>}
    </>
  );
}
