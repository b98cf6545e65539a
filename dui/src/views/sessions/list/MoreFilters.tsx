import { useRead } from '../../../http/hooks';
import { Field } from '../../../parts/Field';
import { useMay } from '../../../shell/me';
import { say } from '../../../words/language';
import { inWords } from '../../../words/phases';
import type { Choice, Name } from '../choice';
import { STOP_REASONS } from '../reasons';
import { WORDS } from '../words';
import { SelectField } from './SelectField';
import { TypedInput } from './TypedInput';

interface MoreFiltersProps {
  choice: Choice;
  onSet: (name: Name, value: string, replace?: boolean) => void;
}

/** What is asked for seldom. */
export function MoreFilters({ choice, onSet }: MoreFiltersProps) {
  const { filters } = say(WORDS);
  const isOperator = useMay('operator');
  const { data } = useRead<{ items: { token: string; symbol: string }[] }>('/tokens');
  const tokens = (data?.items ?? []).map(({ token, symbol }) => [token, symbol || token] as const);
  const known = !choice.token || tokens.some(([token]) => token === choice.token);
  return (
    <>
      <Field label={filters.connector}>
        {(field) => <TypedInput {...field} type="number" value={choice.connector_id ?? ''} onChange={(value) => onSet('connector_id', value, true)} />}
      </Field>
      <SelectField
        label={filters.stopReason}
        value={choice.stop_reason}
        options={STOP_REASONS.map((name) => [name, inWords(name)] as const)}
        onChange={(value) => onSet('stop_reason', value)}
      />
      <SelectField
        label={filters.token}
        value={choice.token}
        options={known ? tokens : [...tokens, [choice.token ?? '', choice.token ?? '']]}
        onChange={(value) => onSet('token', value)}
      />
      <SelectField
        label={filters.kind}
        value={choice.private}
        options={[['false', filters.real], ['true', filters.tests]]}
        onChange={(value) => onSet('private', value)}
      />
      {isOperator && (
        <Field label={filters.driver}>
          {(field) => <TypedInput {...field} value={choice.consumer_did ?? ''} onChange={(value) => onSet('consumer_did', value, true)} />}
        </Field>
      )}
    </>
  );
}
