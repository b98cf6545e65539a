import type { Tone } from '../../../words/phases';
import type { AuditEntry } from '../types';

const HTTP_REFUSED = 400;
const HTTP_FAILED = 500;
const GOOD = /^(done|published|deactivated|resolved|accepted|reconnected|answered|SessionStopAccepted|DisputeResolved|DidPublished|ChainReconnected)$/i;
const WAITS = /^timeout$|timed_?out/i;

/** How what became of an action is marked; what is not known is neither good nor bad. */
export function outcomeTone({ outcome, status }: Pick<AuditEntry, 'outcome' | 'status'>): Tone {
  if (status !== null && status >= HTTP_FAILED) return 'danger';
  if (status !== null && status >= HTTP_REFUSED) return 'warning';
  if (GOOD.test(outcome)) return 'success';
  if (WAITS.test(outcome) || /refused|rejected/i.test(outcome)) return 'warning';
  return /fail|unreachable/i.test(outcome) ? 'danger' : 'neutral';
}
