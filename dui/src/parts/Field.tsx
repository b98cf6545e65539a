import { type ReactNode, useId } from 'react';
import { FormGroup, FormHelperText, HelperText, HelperTextItem } from '../patternfly';

interface FieldProps {
  label: string;
  hint?: ReactNode;
  fault?: string | null;
  /** Gives the control; it has to take these properties. */
  children: (field: { id: string; 'aria-describedby'?: string; validated?: 'error' }) => ReactNode;
}

/** A control with its label, a hint, and what is wrong with its value. */
export function Field({ label, hint, fault, children }: FieldProps) {
  const id = useId();
  const said = fault ?? hint;
  const described = said ? `${id}-said` : undefined;
  return (
    <FormGroup label={label} fieldId={id}>
      {children({ id, 'aria-describedby': described, ...(fault ? { validated: 'error' as const } : {}) })}
      {said && (
        <FormHelperText>
          <HelperText id={described}>
            <HelperTextItem variant={fault ? 'error' : 'default'}>{said}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      )}
    </FormGroup>
  );
}
