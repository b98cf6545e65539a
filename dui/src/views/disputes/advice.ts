import { dayAndTime } from '../../format/units';
import { say } from '../../words/language';
import type { Dispute } from './types';
import { WORDS } from './words';

type Held = Pick<Dispute, 'phase' | 'released' | 'reasons' | 'flags' | 'payout' | 'refund_opens_at'>;

/** Say what holds a payout up and what a person can do, a text to each. */
export function disputeAdvice(dispute: Held, now: Date): string[] {
  const words = say(WORDS);
  if (dispute.phase === null) return [words.unreadable];
  if (dispute.released) return [words.leftAdvice];
  const gone = dispute.flags.includes('deposit_lost') ? ['deposit_gone'] : [];
  const known = [...new Set([...dispute.reasons, ...gone])].flatMap((reason) => words.advice[reason] ?? []);
  const said = known.length > 0 ? known : [words.underWayAdvice];
  const opens = dispute.refund_opens_at;
  if (!opens || !dispute.payout || dispute.payout === '0') return said;
  const isOpen = Date.parse(opens) <= now.getTime();
  return [...said, isOpen ? words.refundOpen(dayAndTime(opens)) : words.refundOpens(dayAndTime(opens))];
}
