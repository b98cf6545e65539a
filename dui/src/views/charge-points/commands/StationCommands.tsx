import { useState } from 'react';
import { AnswerView } from '../../../parts/AnswerView';
import { Panel } from '../../../parts/Panel';
import { Button } from '../../../patternfly';
import { useIsLive, useLive } from '../../../shell/live';
import { useMay } from '../../../shell/me';
import type { Answer } from '../../../wire/types';
import { say } from '../../../words/language';
import { WORDS as AREA } from '../words';
import { WORDS } from './words';

/** What the Session Manager may be asked for a station; each button stands beside its last answer. */
export function StationCommands({ chargePointId }: { chargePointId: string }) {
  const words = say(WORDS);
  const isOperator = useMay('operator');
  return (
    <Panel title={words.station}>
      <p className="console-hint console-cp-purpose">{words.stationAbout}</p>
      {!isOperator && <p className="console-hint">{say(AREA).onlyOperators}</p>}
      <ul className="console-commands">
        {Object.entries(words.stationCommands).map(([type, [label, purpose]]) => (
          <Row key={type} type={type} label={label} purpose={purpose} chargePointId={chargePointId} />
        ))}
      </ul>
    </Panel>
  );
}

function Row({ type, label, purpose, chargePointId }: { type: string; label: string; purpose: string; chargePointId: string }) {
  const { command } = useLive();
  const isLive = useIsLive();
  const isOperator = useMay('operator');
  const [isWaiting, setWaiting] = useState(false);
  const [answer, setAnswer] = useState<{ body: Answer; at: Date } | null>(null);
  const give = async () => {
    setWaiting(true);
    const body = await command({ type, charge_point_id: chargePointId });
    setAnswer({ body, at: new Date() });
    setWaiting(false);
  };
  return (
    <li className="console-command">
      <Button variant="secondary" isDisabled={!isLive || !isOperator || isWaiting} isLoading={isWaiting} onClick={() => void give()}>
        {label}
      </Button>
      <div aria-live="polite" className="console-command-answer">
        {answer ? <AnswerView answer={answer.body} at={answer.at} /> : <span className="console-hint">{purpose}</span>}
      </div>
    </li>
  );
}
