import { quotedToken, type Token } from '../../../format/amount';
import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { useTokens } from '../../../parts/tokens';
import type { EndedPage, EndedRecord, EndedSession, ReceiptContent } from '../types';

const SECOND_MS = 1_000;

/** All that is known of a session that ended. */
export interface One {
  readonly record: EndedRecord;
  /** Its row, with what is not in the record; null while it is read. */
  readonly row: EndedSession | null;
  /** What its receipt says; null without one, and for viewers. */
  readonly receipt: ReceiptContent | null;
  /** Null as long as nobody knows in which one it was paid. */
  readonly token: Token | null;
}

/** Read the record and the row of a session; `one` is null while they are on their way. */
export function useOne(chargePointId: string, sessionId: string) {
  const read = useRead<EndedRecord>(path`/sessions/${chargePointId}/${sessionId}`);
  const record = read.data;
  const rows = useRead<EndedPage>(record ? '/sessions' : null, record ? placeOf(record) : {});
  const find = useTokens();
  const row = rows.data?.items.find((each) => each.session_id === sessionId && each.outcome !== 'addendum') ?? null;
  const receipt = record?.receipt ? contentOf(record.receipt.payload) : null;
  const known = row && find(row.chain_id, row.token);
  const token = receipt?.token_decimals === undefined ? known : quotedToken(receipt, receipt.chain_id);
  return { ...read, one: record ? { record, row, receipt, token } : null };
}

/** Rows are found by when they ended: to look for the id alone would mean to read all of them. */
function placeOf({ charge_point_id, ended_at }: EndedRecord) {
  const around = (ms: number) => new Date(Date.parse(ended_at) + ms).toISOString();
  return { charge_point_id, from: around(-SECOND_MS), to: around(SECOND_MS) };
}

function contentOf(payload: string): ReceiptContent | null {
  try {
    return JSON.parse(payload) as ReceiptContent;
  } catch {
    return null;
  }
}
