import { Alert, Card, CardBody, CardHeader, CardTitle, EmptyState, EmptyStateBody } from '../../patternfly';
import { BoltIcon, ChargingStationIcon } from '@patternfly/react-icons';
import { PowerCurve } from '../../chart/PowerCurve';
import { quotedToken } from '../../format/amount';
import { shortened, timeOfDay } from '../../format/units';
import type { Session, Status } from '../../wire/types';
import { inWords, phaseWords } from '../../words/phases';
import type { GiveCommand } from '../../shell/live';
import { Mark } from '../../parts/Mark';
import { MoneyMeter } from './MoneyMeter';
import { PrivateMark } from '../../parts/PrivateMark';
import { ReceiptView } from '../../parts/ReceiptView';
import { SessionFigures } from './SessionFigures';
import { StopSession } from './StopSession';

interface SessionCardProps {
  session: Session | null;
  connectorId: number;
  status: Status | null;
  live: boolean;
  command: GiveCommand;
}

/** The session on one connector, from the deposit to the receipt. */
export function SessionCard({ session, connectorId, status, live, command }: SessionCardProps) {
  const running = session?.session_id ? session : null;
  const words = phaseWords(session?.phase ?? 'idle', session?.private);
  const stop = running && <StopSession key={running.session_id} session={running} live={live} command={command} />;
  return (
    <Card component="section" aria-label="Session" className="console-session" data-phase={session?.phase ?? 'idle'}>
      <CardHeader actions={{ actions: stop, hasNoOffset: true }}>
        <CardTitle component="h2">Session on connector {connectorId}</CardTitle>
        <div className="console-phase" role="status" aria-live="polite">
          <Mark tone={words.tone} icon={session?.phase === 'charging' ? <BoltIcon /> : undefined}>
            {words.label}
          </Mark>
          {running?.private && <PrivateMark />}
          {running && <span className="console-hint">{words.explanation}</span>}
        </div>
      </CardHeader>
      <CardBody className="console-session-body">
        {running ? <Running session={running} status={status} /> : <NoSession status={status} connectorId={connectorId} />}
      </CardBody>
    </Card>
  );
}

function Running({ session, status }: { session: Session; status: Status | null }) {
  const token = quotedToken(session.receipt ?? session, status?.chain.chain_id);
  return (
    <>
      {session.private && (
        <Alert component="h3" isInline variant="warning" title="A test without money">
          It was started with the idTag of PRIVATE_MODE_ID. Nobody pays: there is no deposit and no receipt.
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
      <p className="console-hint console-session-id">
        Session <code title={session.session_id ?? ''}>{shortened(session.session_id ?? '')}</code>
        {session.transaction_id != null && <> · transaction {session.transaction_id}</>}
        {session.sampled_at && <> · last reading {timeOfDay(session.sampled_at)}</>}
      </p>
    </>
  );
}

/** Why the session ended or failed, and what was remarkable about it. */
function Why({ session }: { session: Session }) {
  const reason = session.failure ?? session.stop_reason;
  const flags = (session.flags ?? []).filter((flag) => flag !== 'private');
  if (!reason && flags.length === 0) return null;
  return (
    <p className="console-why">
      {reason && (
        <>
          <span className="console-hint">{session.failure ? 'Failed' : 'Ended'}:</span> {inWords(reason)}
        </>
      )}
      {flags.map((flag) => (
        <Mark key={flag} tone="warning">
          {inWords(flag)}
        </Mark>
      ))}
    </p>
  );
}

function NoSession({ status, connectorId }: { status: Status | null; connectorId: number }) {
  const ready = status?.connected && status.chain.connected;
  return (
    <EmptyState icon={ChargingStationIcon} titleText="Nobody is charging here" headingLevel="h3" variant="sm">
      <EmptyStateBody>
        {ready
          ? `A driver starts by scanning the code with their app and plugging in at connector ${connectorId}.`
          : 'A session can start when the charge point is online and the chain answers.'}
      </EmptyStateBody>
    </EmptyState>
  );
}
