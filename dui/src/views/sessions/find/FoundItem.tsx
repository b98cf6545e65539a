import { Link } from 'wouter';
import { path } from '../../../http/client';
import { Copyable } from '../../../parts/Copyable';
import { Mark } from '../../../parts/Mark';
import { say } from '../../../words/language';
import { ReceiptCheckView } from '../ReceiptCheckView';
import type { FoundSession } from '../types';
import { WORDS } from './words';

/** A session that was found, and whether what was shown is what was given. */
export function FoundItem({ item }: { item: FoundSession }) {
  const words = say(WORDS);
  const { charge_point_id: point, session_id: session, hash, signer, is_ours, is_stored } = item;
  return (
    <li data-session={session}>
      <div className="console-sessions-marks">
        {!is_stored && <Mark tone="warning">{words.notStored}</Mark>}
        {is_stored && hash && <Mark tone={is_ours ? 'success' : 'danger'}>{is_ours ? words.ours : words.notOurs}</Mark>}
        {is_stored && !hash && <Mark tone="neutral">{words.noReceipt}</Mark>}
        {hash && <ReceiptCheckView faults={item.faults} />}
      </div>
      <p>
        <strong>{point}</strong> <Copyable text={session} name={words.session} />
      </p>
      {signer && (
        <p className="console-hint">
          {words.signer} <Copyable text={signer} name={words.signer} />
        </p>
      )}
      {is_stored && <Link href={path`/sessions/${point}/${session}`}>{words.open}</Link>}
    </li>
  );
}
