import { UnlockIcon } from '@patternfly/react-icons';
import { dayAndTime } from '../../../format/units';
import { Mark } from '../../../parts/Mark';
import { Panel } from '../../../parts/Panel';
import { PrivateMark } from '../../../parts/PrivateMark';
import type { Connector, Session, Status } from '../../../wire/types';
import { connectorWords } from '../../../words/connectors';
import { say } from '../../../words/language';
import { isRunning, phaseWords } from '../../../words/phases';
import { ActionButton } from '../commands/ActionButton';
import type { ConnectorState } from '../types';
import { Availability } from './QuickActions';
import { SessionPart } from './SessionPart';
import { StopSession } from './StopSession';
import { WORDS } from './words';

interface ConnectorPanelProps {
  connector: Connector;
  session: Session | null;
  status: Status | null;
  /** What the API tells more of it. */
  told: ConnectorState | null;
}

/** Whether nobody can charge there by command of somebody. */
export function isOutOfService({ status }: Connector): boolean {
  return status === 'Unavailable';
}

/** A connector: its state, its session, and what can be done with it. */
export function ConnectorPanel({ connector, session, status, told }: ConnectorPanelProps) {
  const words = say(WORDS);
  const number = connector.connector_id;
  const { tone, label } = connectorWords(connector.status);
  const fault = connector.error_code && connector.error_code !== 'NoError' ? connector.error_code : null;
  const running = session?.session_id ? session : null;
  const id = status?.charge_point_id ?? '';
  const isOrdered = told?.availability === 'Inoperative' && !isOutOfService(connector);
  // The session below says the same.
  const isSaid = running !== null && isRunning(running.phase) && phaseWords(running.phase).label === label;
  return (
    <Panel
      title={words.title(number)}
      className="console-session"
      actions={running && <StopSession key={running.session_id} session={running} />}
    >
      <div className="console-session-body" data-phase={session?.phase ?? 'idle'}>
        <div className="console-phase console-cp-phase">
          {!isSaid && <Mark tone={tone}>{label}</Mark>}
          {fault && <Mark tone="danger">{fault}</Mark>}
          {isOrdered && <Mark tone="neutral">{words.operatorStopped}</Mark>}
          {running?.private && <PrivateMark />}
          {connector.changed_at && !isSaid && <span className="console-hint">{words.since(dayAndTime(connector.changed_at))}</span>}
        </div>
        {told?.suspect_since && <p className="console-cp-warning">{words.suspect}</p>}
        <SessionPart session={running} connectorId={number} status={status} idTag={told?.id_tag ?? null} />
        <div className="console-cp-actions">
          <ActionButton
            chargePointId={id}
            operation="UnlockConnector"
            body={{ connectorId: number }}
            label={words.unlock}
            question={words.unlockQuestion(number)}
            consequence={words.unlockConsequence}
            icon={<UnlockIcon />}
          />
          <Availability id={id} connectorId={number} isOut={isOutOfService(connector)} />
        </div>
      </div>
    </Panel>
  );
}
