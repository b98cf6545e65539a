import { useState } from 'react';
import { Button } from '../../../patternfly';
import { say } from '../../../words/language';
import { OperationForm, useObstacle } from '../commands/OperationForm';
import { useOperations } from '../commands/operations';
import { WORDS } from './words';

interface FormToggleProps {
  id: string;
  forms: readonly { operation: string; label: string; given?: Readonly<Record<string, unknown>> }[];
}

/** Buttons that each open the form of an operation below them, one at a time. */
export function FormToggle({ id, forms }: FormToggleProps) {
  const { operations } = useOperations();
  const [open, setOpen] = useState<string | null>(null);
  const obstacle = useObstacle(id);
  const chosen = forms.find(({ operation }) => operation === open);
  const operation = operations?.find(({ name }) => name === open);
  return (
    <div className="console-cp-forms">
      <div className="console-cp-actions" title={obstacle ?? undefined}>
        {forms.map(({ operation: name, label }) => (
          <Button
            key={name}
            variant="secondary"
            aria-expanded={open === name}
            isDisabled={obstacle !== null || !operations}
            onClick={() => setOpen(open === name ? null : name)}
          >
            {label}
          </Button>
        ))}
        {open && (
          <Button variant="link" onClick={() => setOpen(null)}>
            {say(WORDS).close}
          </Button>
        )}
      </div>
      {operation && (
        <div className="console-cp-form">
          <OperationForm key={operation.name} chargePointId={id} operation={operation} given={chosen?.given} />
        </div>
      )}
    </div>
  );
}
