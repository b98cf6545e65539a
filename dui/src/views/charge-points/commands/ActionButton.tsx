import type { ReactNode } from 'react';
import { Button } from '../../../patternfly';
import { Confirm } from '../../../parts/Confirm';
import { say } from '../../../words/language';
import { OperationAnswerView } from './OperationAnswerView';
import { useObstacle } from './OperationForm';
import { useOperation } from './operations';
import { operationWords } from './operationWords';
import { WORDS } from './words';

interface ActionButtonProps {
  chargePointId: string;
  operation: string;
  body: Readonly<Record<string, unknown>>;
  label: string;
  question?: string;
  consequence?: string;
  icon?: ReactNode;
  /** It cuts somebody off at once. */
  isDanger?: boolean;
}

/** An operation that needs no form as one button, with its answer below it. */
export function ActionButton({ chargePointId, operation, body, label, icon, isDanger = false, ...rest }: ActionButtonProps) {
  const asking = useOperation(chargePointId, operation);
  const obstacle = useObstacle(chargePointId);
  const about = operationWords(operation);
  const consequence = rest.consequence ?? about.consequence;
  const shared = { isDisabled: obstacle !== null || asking.isPending, isLoading: asking.isPending, icon };
  return (
    <div className="console-cp-action" title={obstacle ?? undefined}>
      {consequence ? (
        <Confirm
          {...shared}
          isDanger={isDanger}
          label={label}
          question={rest.question ?? say(WORDS).question(label)}
          consequence={consequence}
          onConfirm={() => asking.give(body)}
        />
      ) : (
        <Button {...shared} variant="secondary" onClick={() => asking.give(body)}>
          {label}
        </Button>
      )}
      <OperationAnswerView asking={asking} />
    </div>
  );
}
