import { type Catalogue, say } from '../../../words/language';
import type { Tone } from '../../../words/phases';
import type { AuditEntry } from '../../../wire/types';

const WORDS: Catalogue<Readonly<Record<string, string>>> = {
  en: {
    SessionStopAccepted: 'accepted',
    SessionStopRefused: 'refused',
    DisputeResolved: 'resolved',
    DisputeResolveRefused: 'refused',
    DidPublished: 'published',
    DidPublishFailed: 'failed',
    ChainReconnected: 'reconnected',
    ChainUnreachable: 'unreachable',
    StationCommandRefused: 'refused',
    timeout: 'no answer',
  },
  de: {
    done: 'erledigt',
    refused: 'abgelehnt',
    failed: 'fehlgeschlagen',
    timeout: 'keine Antwort',
    accepted: 'angenommen',
    answered: 'beantwortet',
    rejected: 'abgelehnt',
    resolved: 'entschieden',
    published: 'veröffentlicht',
    deactivated: 'aufgegeben',
    reconnected: 'verbunden',
    unreachable: 'nicht erreichbar',
    SessionStopAccepted: 'angenommen',
    SessionStopRefused: 'abgelehnt',
    DisputeResolved: 'entschieden',
    DisputeResolveRefused: 'abgelehnt',
    DidPublished: 'veröffentlicht',
    DidPublishFailed: 'fehlgeschlagen',
    ChainReconnected: 'verbunden',
    ChainUnreachable: 'nicht erreichbar',
    StationCommandRefused: 'abgelehnt',
  },
};

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

/** What became of an action, in words; what is not known by its own name. */
export function outcomeWords(outcome: string): string {
  return say(WORDS)[outcome] ?? outcome.replaceAll('_', ' ');
}
