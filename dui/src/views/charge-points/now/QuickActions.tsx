import { RedoIcon } from '@patternfly/react-icons';
import { Link } from 'wouter';
import { path } from '../../../http/client';
import { Panel } from '../../../parts/Panel';
import { say } from '../../../words/language';
import { ActionButton } from '../commands/ActionButton';
import { useObstacle } from '../commands/OperationForm';
import { WORDS } from './words';

/** What operators do most with a whole charge point; the rest is among the commands. */
export function QuickActions({ id }: { id: string }) {
  const words = say(WORDS);
  const obstacle = useObstacle(id);
  return (
    <Panel title={words.actions}>
      <div className="console-cp-actions">
        <ActionButton
          chargePointId={id}
          operation="Reset"
          body={{ type: 'Soft' }}
          label={words.restart}
          consequence={words.softConsequence}
          icon={<RedoIcon />}
        />
        <ActionButton
          chargePointId={id}
          operation="Reset"
          body={{ type: 'Hard' }}
          label={words.restartHard}
          consequence={words.hardConsequence}
        />
        <Availability id={id} connectorId={0} />
        <Link href={path`/charge-points/${id}/settings`}>{words.changePrice}</Link>
        <Link href={path`/charge-points/${id}/commands`}>{words.allCommands}</Link>
      </div>
      {obstacle && <p className="console-hint">{obstacle}</p>}
    </Panel>
  );
}

/** Out of service and back: of a connector, or with 0 of the whole charge point. */
export function Availability({ id, connectorId }: { id: string; connectorId: number }) {
  const words = say(WORDS);
  const what = connectorId === 0 ? words.whole : words.connector(connectorId);
  return (
    <>
      <ActionButton
        chargePointId={id}
        operation="ChangeAvailability"
        body={{ connectorId, type: 'Inoperative' }}
        label={words.takeOut}
        question={words.takeOutQuestion(what)}
        consequence={words.takeOutConsequence}
      />
      <ActionButton
        chargePointId={id}
        operation="ChangeAvailability"
        body={{ connectorId, type: 'Operative' }}
        label={words.putBack}
        consequence=""
      />
    </>
  );
}
