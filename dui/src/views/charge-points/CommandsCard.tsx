import { Button, Card, CardBody, CardTitle } from '../../patternfly';
import { useState } from 'react';
import type { Answer } from '../../wire/types';
import { AnswerView } from '../../parts/AnswerView';
import type { GiveCommand } from '../../shell/live';

const COMMANDS = [
  { type: 'BalanceRequested', label: 'Balance', purpose: 'What the station’s and the gas account hold now' },
  { type: 'PublicKeyRequested', label: 'Public key', purpose: 'The key of the station’s account' },
  { type: 'DidPublishRequested', label: 'Republish DID', purpose: 'Bring the chain’s document up to date' },
  { type: 'ChainReconnectRequested', label: 'Reconnect to the node', purpose: 'Connect to the chain’s node again' },
] as const;

interface CommandsCardProps {
  chargePointId: string;
  live: boolean;
  command: GiveCommand;
}

/** What an operator may ask of the station; each button stands beside its last answer. */
export function CommandsCard({ chargePointId, live, command }: CommandsCardProps) {
  return (
    <Card component="section" aria-label="Commands">
      <CardTitle component="h2">Commands</CardTitle>
      <CardBody>
        <ul className="console-commands">
          {COMMANDS.map((row) => (
            <CommandRow key={row.type} {...row} chargePointId={chargePointId} live={live} command={command} />
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

interface CommandRowProps extends CommandsCardProps {
  type: string;
  label: string;
  purpose: string;
}

function CommandRow({ type, label, purpose, chargePointId, live, command }: CommandRowProps) {
  const [waiting, setWaiting] = useState(false);
  const [answer, setAnswer] = useState<{ body: Answer; at: Date } | null>(null);
  const give = async () => {
    setWaiting(true);
    const body = await command({ type, charge_point_id: chargePointId });
    setAnswer({ body, at: new Date() });
    setWaiting(false);
  };
  return (
    <li className="console-command">
      <Button variant="secondary" isDisabled={!live || waiting} isLoading={waiting} onClick={() => void give()}>
        {label}
      </Button>
      <div aria-live="polite" className="console-command-answer">
        {answer ? <AnswerView answer={answer.body} at={answer.at} /> : <span className="console-hint">{purpose}</span>}
      </div>
    </li>
  );
}
