import { Card, CardBody, CardTitle } from '../../patternfly';
import { useState } from 'react';
import { quotedToken } from '../../format/amount';
import { dayAndTime } from '../../format/units';
import type { Answer, Dispute } from '../../wire/types';
import { inWords } from '../../words/phases';
import { Amount } from '../../parts/Amount';
import { AnswerView } from '../../parts/AnswerView';
import type { GiveCommand } from '../../shell/live';
import { Copyable } from '../../parts/Copyable';
import { Decide } from './Decide';
import { Mark } from '../../parts/Mark';

interface DisputesCardProps {
  disputes: readonly Dispute[];
  chainId: number | null | undefined;
  live: boolean;
  command: GiveCommand;
}

/** Sessions that wait off their connector for their payout, each with what can be done about it. */
export function DisputesCard({ disputes, chainId, live, command }: DisputesCardProps) {
  const [answer, setAnswer] = useState<{ body: Answer; at: Date } | null>(null);
  const show = (body: Answer) => setAnswer({ body, at: new Date() });
  if (disputes.length === 0 && !answer) return null;
  return (
    <Card component="section" aria-label="Disputed sessions">
      <CardTitle component="h2">Disputed sessions</CardTitle>
      <CardBody className="console-disputes">
        <div aria-live="polite">{answer && <AnswerView answer={answer.body} at={answer.at} />}</div>
        {disputes.length > 0 && (
          <ul className="console-dispute-list">
            {disputes.map((dispute) => (
              <Item key={dispute.session_id} dispute={dispute} chainId={chainId} live={live} command={command} onAnswer={show} />
            ))}
          </ul>
        )}
      </CardBody>
    </Card>
  );
}

interface ItemProps extends Omit<DisputesCardProps, 'disputes'> {
  dispute: Dispute;
  onAnswer: (answer: Answer) => void;
}

function Item({ dispute, chainId, live, command, onAnswer }: ItemProps) {
  const token = quotedToken(dispute, chainId);
  const reasons = dispute.reasons.map((reason) => inWords(`settlement_${reason}`));
  return (
    <li className="console-dispute" data-session={dispute.session_id}>
      <div className="console-dispute-head">
        <Mark tone={dispute.released ? 'neutral' : 'danger'}>{dispute.released ? 'Left to the driver' : 'Not paid out'}</Mark>
        {reasons.length > 0 && <strong>{reasons.join(', ')}</strong>}
      </div>
      <p className="console-hint">
        <Copyable text={dispute.session_id} name="session id" />
        {dispute.connector_id != null && <> connector {dispute.connector_id}</>}
        {dispute.since && <> · since {dayAndTime(dispute.since)}</>}
      </p>
      <p>
        <Amount money={dispute.payout} token={token} /> of <Amount money={dispute.deposit} token={token} /> to the station
      </p>
      {dispute.advice.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {dispute.decisions.length > 0 && (
        <Decide dispute={dispute} token={token} live={live} command={command} onAnswer={onAnswer} />
      )}
    </li>
  );
}
