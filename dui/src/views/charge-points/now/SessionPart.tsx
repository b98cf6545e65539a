import { BoltIcon } from '@patternfly/react-icons';
import { Link } from 'wouter';
import { PowerCurve } from '../../../chart/PowerCurve';
import { quotedToken } from '../../../format/amount';
import { shortened, timeOfDay } from '../../../format/units';
import { path } from '../../../http/client';
import { Mark } from '../../../parts/Mark';
import { ReceiptView } from '../../../parts/ReceiptView';
import { Alert } from '../../../patternfly';
import type { Session, Status } from '../../../wire/types';
import { say } from '../../../words/language';
import { inWords, phaseWords } from '../../../words/phases';
import { MoneyMeter } from './MoneyMeter';
import { SessionFigures } from './SessionFigures';
import { StoppedBy } from './StoppedBy';
import { WORDS } from './words';

interface SessionPartProps {
  session: Session | null;
  connectorId: number;
  status: Status | null;
  idTag: string | null;
}

/** The session on a connector, from the deposit to the receipt; or how one begins. */
export function SessionPart({ session, connectorId, status, idTag }: SessionPartProps) {
  const words = say(WORDS);
  if (!session) {
    const isReady = status?.connected && status.chain.connected;
    return (
      <div className="console-cp-free">
        <h3>{words.noSession}</h3>
        <p className="console-hint">{isReady ? words.howToStart(connectorId) : words.notReady}</p>
      </div>
    );
  }
  const { tone, label, explanation } = phaseWords(session.phase, session.private);
  const token = quotedToken(session.receipt ?? session, status?.chain.chain_id);
  return (
    <>
      <div className="console-phase" role="status" aria-live="polite">
        <Mark tone={tone} icon={session.phase === 'charging' ? <BoltIcon /> : undefined}>
          {label}
        </Mark>
        <span className="console-hint">{explanation}</span>
      </div>
      {session.private && (
        <Alert component="h3" isInline variant="warning" title={words.test}>
          {words.testAbout}
        </Alert>
      )}
      <SessionFigures session={session} token={token} />
      <Why session={session} />
      <PowerCurve points={session.curve} />
      {session.receipt ? (
        <ReceiptView receipt={session.receipt} token={token} />
      ) : (
        !session.private && <MoneyMeter session={session} token={token} />
      )}
      <Names session={session} idTag={idTag} />
    </>
  );
}

/** Why the session ended or failed, who ended it, and what was remarkable about it. */
function Why({ session }: { session: Session }) {
  const words = say(WORDS);
  const reason = session.failure ?? session.stop_reason;
  const flags = (session.flags ?? []).filter((flag) => flag !== 'private');
  if (!reason && flags.length === 0) return null;
  return (
    <p className="console-why">
      {reason && (
        <span>
          <span className="console-hint">{session.failure ? words.failed : words.ended}:</span> {inWords(reason)}
        </span>
      )}
      {session.stop_reason === 'operator' && session.session_id && <StoppedBy sessionId={session.session_id} />}
      {flags.map((flag) => (
        <Mark key={flag} tone="warning">
          {inWords(flag)}
        </Mark>
      ))}
    </p>
  );
}

function Names({ session, idTag }: { session: Session; idTag: string | null }) {
  const words = say(WORDS);
  const id = session.session_id ?? '';
  return (
    <p className="console-hint console-session-id">
      {words.session}{' '}
      <Link href={path`/sessions/${session.charge_point_id}/${id}`} title={id}>
        <code>{shortened(id)}</code>
      </Link>
      {idTag && (
        <>
          {' '}
          · {words.idTag} <code>{idTag}</code>
        </>
      )}
      {session.transaction_id != null && <> · {words.transaction(session.transaction_id)}</>}
      {session.sampled_at && <> · {words.lastReading(timeOfDay(session.sampled_at))}</>}
    </p>
  );
}
