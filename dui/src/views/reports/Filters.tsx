import { useRead } from '../../http/hooks';
import { Field } from '../../parts/Field';
import { tokenOfKey, useTokens } from '../../parts/tokens';
import { FormSelect, FormSelectOption, Switch } from '../../patternfly';
import { say } from '../../words/language';
import type { Choice } from './choice';
import { PeriodFilter } from './PeriodFilter';
import type { Report } from './types';
import type { ChangeChoice } from './useChoice';
import { WORDS } from './words';

interface Points {
  items: { charge_point_id: string; name: string; connectors: { connector_id: number }[] }[];
}

const MOST_LISTED = 200;

interface FiltersProps {
  choice: Choice;
  report: Report | undefined;
  onChange: ChangeChoice;
}

/** What the report is about; all of it stands in the address. */
export function Filters({ choice, report, onChange }: FiltersProps) {
  const words = say(WORDS);
  const { data } = useRead<Points>('/charge-points', { limit: MOST_LISTED });
  const points = data?.items ?? [];
  const numbers = points
    .filter(({ charge_point_id: id }) => !choice.chargePointId || id === choice.chargePointId)
    .flatMap(({ connectors }) => connectors.map(({ connector_id }) => String(connector_id)));
  return (
    <div className="console-reports-filters" role="search">
      <PeriodFilter choice={choice} report={report} onChange={onChange} />
      <div className="console-reports-fields">
        <Chosen
          label={words.chargePoint}
          value={choice.chargePointId}
          options={points.map(({ charge_point_id: id, name }) => [id, name ? `${id}, ${name}` : id])}
          onChange={(chargePointId) => onChange({ chargePointId, connectorId: '' })}
        />
        <Chosen
          label={words.connector}
          value={choice.connectorId}
          options={[...new Set(numbers)].sort((a, b) => Number(a) - Number(b)).map((number) => [number, words.connectorNumber(number)])}
          onChange={(connectorId) => onChange({ connectorId })}
        />
        <TokenFilter choice={choice} report={report} onChange={onChange} />
        <Switch label={words.compare} isChecked={choice.compares} onChange={(_event, compares) => onChange({ compares })} />
      </div>
    </div>
  );
}

/** Which token's money is shown; there is nothing to choose while all are of one. */
function TokenFilter({ choice, report, onChange }: FiltersProps) {
  const find = useTokens();
  const keys = Object.keys(report?.total.tokens ?? {});
  if (keys.length < 2 && !choice.token) return null;
  return (
    <Chosen
      label={say(WORDS).token}
      value={choice.token}
      options={keys.map((key) => [key, tokenOfKey(key, find).symbol])}
      onChange={(token) => onChange({ token })}
    />
  );
}

interface ChosenProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  onChange: (value: string) => void;
}

/** One of some, or all; what was chosen is there though the list may lack it. */
function Chosen({ label, value, options, onChange }: ChosenProps) {
  const all = value && !options.some(([each]) => each === value) ? [...options, [value, value] as const] : options;
  return (
    <Field label={label}>
      {(field) => (
        <FormSelect {...field} value={value} onChange={(_event, chosen) => onChange(chosen)}>
          <FormSelectOption value="" label={say(WORDS).all} />
          {all.map(([each, name]) => (
            <FormSelectOption key={each} value={each} label={name} />
          ))}
        </FormSelect>
      )}
    </Field>
  );
}
