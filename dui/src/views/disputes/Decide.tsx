import { exactAmount, type Token } from '../../format/amount';
import { path } from '../../http/client';
import { useChange } from '../../http/hooks';
import { Confirm } from '../../parts/Confirm';
import { ProblemView } from '../../parts/ProblemView';
import { useMay } from '../../shell/me';
import type { Decision } from '../../wire/types';
import { decisionWords } from '../../words/decisions';
import { say } from '../../words/language';
import type { Decided, DecisionTold, Dispute } from './types';
import { WORDS } from './words';

interface DecideProps {
  dispute: Dispute;
  token: Token;
  onDecided: (decided: Decided) => void;
}

/** What a person can decide about a dispute; each is asked once more before it is done. */
export function Decide({ dispute, token, onDecided }: DecideProps) {
  const words = say(WORDS);
  const isOperator = useMay('operator');
  const { charge_point_id: chargePointId, session_id } = dispute;
  const place = path`/disputes/${chargePointId}/${session_id}/decision`;
  const change = useChange<DecisionTold, { decision: Decision }>('POST', place, ['/disputes', '/audit', '/sessions']);
  const decide = (decision: Decision) =>
    change.mutate({ decision }, { onSuccess: (told) => onDecided({ chargePointId, told, at: new Date() }) });
  return (
    <div className="console-disputes-decide">
      {dispute.decisions.map((decision) => {
        const { label, consequence } = decisionWords(decision, amount(dispute.payout, token), amount(dispute.deposit, token));
        return (
          <Confirm
            key={decision}
            label={label}
            question={words.question(label)}
            consequence={consequence}
            isDanger={decision !== 'retry'}
            isDisabled={!isOperator || change.isPending}
            isLoading={change.isPending && change.variables?.decision === decision}
            onConfirm={() => decide(decision)}
          />
        );
      })}
      {!isOperator && <span className="console-hint">{words.operatorsOnly}</span>}
      {change.error && <ProblemView problem={change.error} />}
    </div>
  );
}

function amount(money: string | null, token: Token): string {
  return `${exactAmount(money, token.decimals)} ${token.symbol}`;
}
