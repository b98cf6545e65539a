import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '../../patternfly';
import { useState } from 'react';
import { exactAmount, type Token } from '../../format/amount';
import type { Answer, Decision, Dispute } from '../../wire/types';
import { decisionWords } from '../../words/decisions';
import type { GiveCommand } from '../../shell/live';

interface DecideProps {
  dispute: Dispute;
  token: Token;
  live: boolean;
  command: GiveCommand;
  onAnswer: (answer: Answer) => void;
}

/** What a person can decide about a dispute; each is asked once more before it is given. */
export function Decide({ dispute, token, live, command, onAnswer }: DecideProps) {
  const [asking, setAsking] = useState<Decision | null>(null);
  const [waiting, setWaiting] = useState(false);
  const give = async (decision: Decision) => {
    setAsking(null);
    setWaiting(true);
    const body = await command({
      type: 'DisputeResolveRequested',
      charge_point_id: dispute.charge_point_id,
      connector_id: dispute.connector_id ?? undefined,
      session_id: dispute.session_id,
      decision,
    });
    setWaiting(false);
    onAnswer(body);
  };
  return (
    <div className="console-decide">
      {dispute.decisions.map((decision) => (
        <Button
          key={decision}
          variant="secondary"
          isDanger={decision !== 'retry'}
          isDisabled={!live || waiting}
          onClick={() => setAsking(decision)}
        >
          {decisionWords(decision, '', '').label}
        </Button>
      ))}
      {asking && (
        <Question
          decision={asking}
          payout={amount(dispute.payout, token)}
          deposit={amount(dispute.deposit, token)}
          onYes={() => void give(asking)}
          onNo={() => setAsking(null)}
        />
      )}
    </div>
  );
}

interface QuestionProps {
  decision: Decision;
  payout: string;
  deposit: string;
  onYes: () => void;
  onNo: () => void;
}

function Question({ decision, payout, deposit, onYes, onNo }: QuestionProps) {
  const words = decisionWords(decision, payout, deposit);
  return (
    <Modal variant="small" isOpen onClose={onNo} aria-labelledby="decide-title">
      <ModalHeader title={`${words.label}?`} labelId="decide-title" titleIconVariant="warning" />
      <ModalBody>{words.consequence}</ModalBody>
      <ModalFooter>
        <Button variant={decision === 'retry' ? 'primary' : 'danger'} onClick={onYes}>
          {words.label}
        </Button>
        <Button variant="link" onClick={onNo}>
          Leave it as it is
        </Button>
      </ModalFooter>
    </Modal>
  );
}

function amount(money: string | null, token: Token): string {
  return `${exactAmount(money, token.decimals)} ${token.symbol}`;
}
