import type { AuditEntry, EndedRecord } from '../types';

/**
 * What was done about a session, or at its charge point while it ran; the first deed first.
 *
 * Of another connector or session it is left out; a restart is of no connector, and counts.
 */
export function actionsDuring(
  record: Pick<EndedRecord, 'session_id' | 'connector_id'>,
  about: readonly AuditEntry[],
  here: readonly AuditEntry[],
): AuditEntry[] {
  const isOfIt = ({ session_id, connector_id }: AuditEntry) =>
    session_id === record.session_id || (session_id === null && (connector_id === null || connector_id === record.connector_id));
  const found = new Map([...about, ...here.filter(isOfIt)].map((entry) => [entry.number, entry]));
  return [...found.values()].sort((one, other) => one.number - other.number);
}
