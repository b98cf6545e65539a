import type { AuditEntry } from '../../../wire/types';
import type { EndedRecord } from '../types';

const TRANSACTION = /transaction_id (\d+)/;

/**
 * What was done about a session, or at its charge point while it ran; the first deed first.
 *
 * Of another connector or session it is left out; a restart is of no connector, and counts.
 */
export function actionsDuring(
  record: Pick<EndedRecord, 'session_id' | 'connector_id'> & { status: { transaction_id?: number | null } },
  about: readonly AuditEntry[],
  here: readonly AuditEntry[],
): AuditEntry[] {
  const isOfIt = ({ session_id, connector_id, detail }: AuditEntry) => {
    if (session_id !== null) return session_id === record.session_id;
    const transaction = TRANSACTION.exec(detail ?? '')?.[1];
    if (transaction !== undefined) return Number(transaction) === record.status.transaction_id;
    return connector_id === null || connector_id === record.connector_id;
  };
  const found = new Map([...about, ...here.filter(isOfIt)].map((entry) => [entry.number, entry]));
  return [...found.values()].sort((one, other) => one.number - other.number);
}
