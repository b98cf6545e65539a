import { RedoIcon } from '@patternfly/react-icons';
import { Link } from 'wouter';
import { path } from '../../../http/client';
import { Panel } from '../../../parts/Panel';
import { say } from '../../../words/language';
import { ActionButton } from '../commands/ActionButton';
import { Obstacle } from '../commands/Obstacle';
import { WORDS } from './words';

/** What operators do most with a whole charge point; the rest is among the commands. */
export function QuickActions({ id, isOut }: { id: string; isOut: boolean }) {
  const words = say(WORDS);
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
          isDanger
        />
        <Availability id={id} connectorId={0} isOut={isOut} />
        <Link href={path`/charge-points/${id}/settings`}>{words.changePrice}</Link>
        <Link href={path`/charge-points/${id}/commands`}>{words.allCommands}</Link>
      </div>
      <Obstacle id={id} />
    </Panel>
  );
}

interface AvailabilityProps {
  id: string;
  /** 0: the whole charge point. */
  connectorId: number;
  /** It is out of service now, so that it can be put back. */
  isOut: boolean;
}

/** Out of service, or back into it. */
export function Availability({ id, connectorId, isOut }: AvailabilityProps) {
  const words = say(WORDS);
  const what = connectorId === 0 ? words.whole : words.connector(connectorId);
  return (
    <ActionButton
      chargePointId={id}
      operation="ChangeAvailability"
      body={{ connectorId, type: isOut ? 'Operative' : 'Inoperative' }}
      label={isOut ? words.putBack : words.takeOut}
      question={words.takeOutQuestion(what)}
      consequence={isOut ? '' : words.takeOutConsequence}
    />
  );
}
