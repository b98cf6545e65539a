import { useSearchParams } from 'wouter';
import { Field } from '../../../parts/Field';
import { withParameter } from '../../../parts/withParameter';
import { FormSelect, FormSelectOption, TextInput } from '../../../patternfly';
import { useConsole } from '../../../shell/live';
import { say } from '../../../words/language';
import { WORDS } from '../words';
import { ACTIONS, actionChoice } from './actions';
import { type ChoiceField, DAYS } from './choice';

/** What of the trail is shown; it stands in the address. */
export function Filters() {
  const words = say(WORDS).audit;
  const ids = useConsole((state) => state.ids);
  const [search, setSearch] = useSearchParams();
  const present = (name: ChoiceField) => search.get(name) ?? '';
  const set = (name: ChoiceField, value: string) =>
    setSearch(withParameter(name, value), { replace: true });
  const text = (name: ChoiceField, label: string, type: 'search' | 'date' = 'search') => (
    <Field key={name} label={label}>
      {(field) => <TextInput {...field} type={type} value={present(name)} onChange={(_event, value) => set(name, value)} />}
    </Field>
  );
  const point = present('charge_point_id');
  const action = present('action');
  return (
    <div role="search" aria-label={words.filters} className="console-settings-choice">
      {text('who', words.who)}
      <Choice label={words.action} all={words.anything} chosen={action} choices={withChosen(ACTIONS, action)} inWords={actionChoice} onChoose={(value) => set('action', value)} />
      <Choice label={words.chargePoint} all={words.everywhere} chosen={point} choices={withChosen(ids, point)} onChoose={(value) => set('charge_point_id', value)} />
      {text('session_id', words.session)}
      {DAYS.map((day) => text(day, words[day], 'date'))}
    </div>
  );
}

function withChosen(choices: readonly string[], chosen: string): readonly string[] {
  return !chosen || choices.includes(chosen) ? choices : [chosen, ...choices];
}

interface ChoiceProps {
  label: string;
  all: string;
  chosen: string;
  choices: readonly string[];
  inWords?: (choice: string) => string;
  onChoose: (choice: string) => void;
}

function Choice({ label, all, chosen, choices, inWords = (choice) => choice, onChoose }: ChoiceProps) {
  return (
    <Field label={label}>
      {(field) => (
        <FormSelect {...field} value={chosen} onChange={(_event, value) => onChoose(value)}>
          <FormSelectOption value="" label={all} />
          {choices.map((choice) => (
            <FormSelectOption key={choice} value={choice} label={inWords(choice)} />
          ))}
        </FormSelect>
      )}
    </Field>
  );
}
