import { Button, FormSelect, FormSelectOption, TextArea, TextInput } from '../../../patternfly';
import { Field } from '../../../parts/Field';
import { say } from '../../../words/language';
import { fieldName, valueName } from './fieldWords';
import { type Definitions, type Draft, draftOf, type FaultKind, type Faults, resolved, type Schema } from './schema';
import { WORDS } from './words';

const LONG = 255;

export interface SchemaFieldProps {
  name: string;
  schema: Schema;
  definitions: Definitions;
  draft: Draft;
  isRequired: boolean;
  /** JSON pointer of this part. */
  at: string;
  faults: Faults;
  /** What the server found wrong, by pointer. */
  told: Readonly<Record<string, string>>;
  /** The numbers of the charge point's connectors. */
  connectors: readonly number[];
  onChange: (draft: Draft) => void;
}

/** One part of a form, as its schema wants it: a control, a group of them, or a list. */
export function SchemaField(props: SchemaFieldProps) {
  const schema = resolved(props.schema, props.definitions);
  if (schema.properties || schema.type === 'array') {
    if (props.draft === null) return <Absent {...props} />;
    if (schema.properties) return <Group {...props} schema={schema} />;
    return schema.items?.type === 'string' ? <Lines {...props} /> : <Entries {...props} schema={schema} />;
  }
  return <Control {...props} schema={schema} />;
}

function Absent({ name, schema, definitions, onChange }: SchemaFieldProps) {
  return (
    <div>
      <Button variant="link" isInline onClick={() => onChange(draftOf(schema, definitions, undefined))}>
        {say(WORDS).tell(fieldName(name))}
      </Button>
    </div>
  );
}

function Group({ name, schema, draft, at, isRequired, onChange, ...rest }: SchemaFieldProps) {
  const parts = draft as Record<string, Draft>;
  return (
    <fieldset className="console-cp-group">
      <legend>{fieldName(name)}</legend>
      {Object.entries(schema.properties ?? {}).map(([part, of]) => (
        <SchemaField
          key={part}
          {...rest}
          name={part}
          schema={of}
          draft={parts[part] ?? null}
          isRequired={schema.required?.includes(part) ?? false}
          at={`${at}/${part}`}
          onChange={(changed) => onChange({ ...parts, [part]: changed })}
        />
      ))}
      {!isRequired && <Leave name={name} onLeave={() => onChange(null)} />}
    </fieldset>
  );
}

function Entries({ name, schema, draft, at, isRequired, onChange, ...rest }: SchemaFieldProps) {
  const words = say(WORDS);
  const items = draft as Draft[];
  const item = schema.items ?? {};
  return (
    <fieldset className="console-cp-group">
      <legend>{fieldName(name)}</legend>
      {items.map((each, place) => (
        <div key={place} className="console-cp-entry">
          <SchemaField
            {...rest}
            name={words.entry(place + 1)}
            schema={item}
            draft={each}
            isRequired
            at={`${at}/${place}`}
            onChange={(changed) => onChange(items.with(place, changed))}
          />
          <Button variant="link" isInline isDanger onClick={() => onChange(items.toSpliced(place, 1))}>
            {words.remove(fieldName(name), place + 1)}
          </Button>
        </div>
      ))}
      <Button variant="link" isInline onClick={() => onChange([...items, draftOf(item, rest.definitions, undefined)])}>
        {words.another(fieldName(name))}
      </Button>
      {!isRequired && <Leave name={name} onLeave={() => onChange(null)} />}
    </fieldset>
  );
}

function Leave({ name, onLeave }: { name: string; onLeave: () => void }) {
  return (
    <Button variant="link" isInline isDanger onClick={onLeave}>
      {say(WORDS).leave(fieldName(name))}
    </Button>
  );
}

/** A list of words, one on each line. */
function Lines({ name, draft, onChange }: SchemaFieldProps) {
  const text = Array.isArray(draft) ? draft.join('\n') : '';
  const read = (value: string) => value.split('\n').map((line) => line.trim());
  return (
    <Field label={fieldName(name)} hint={say(WORDS).onePerLine}>
      {(field) => (
        <TextArea
          {...field}
          rows={3}
          value={text}
          onChange={(_event, value) => onChange(read(value))}
          onBlur={() => onChange(read(text).filter(Boolean))}
        />
      )}
    </Field>
  );
}

function Control(props: SchemaFieldProps) {
  const { name, schema, isRequired, at, faults, told, onChange } = props;
  const words = say(WORDS);
  const fault = faults[at];
  const value = typeof props.draft === 'string' ? props.draft : '';
  const label = isRequired ? fieldName(name) : `${fieldName(name)} (${words.optional})`;
  const choices = choicesOf(props);
  return (
    <Field label={label} fault={fault ? words.faults[fault as FaultKind] : told[at]}>
      {(field) => {
        if (choices) {
          return (
            <FormSelect {...field} value={value} onChange={(_event, chosen) => onChange(chosen)}>
              {!isRequired && <FormSelectOption value="" label={words.leaveOut} />}
              {isRequired && value === '' && <FormSelectOption value="" label="–" isDisabled />}
              {choices.map((choice) => (
                <FormSelectOption key={choice.value} {...choice} />
              ))}
            </FormSelect>
          );
        }
        if (schema.type === 'string' && !schema.format && (schema.maxLength ?? LONG) > LONG) {
          return <TextArea {...field} rows={4} value={value} onChange={(_event, text) => onChange(text)} />;
        }
        return <TextInput {...field} type={inputType(schema)} step="any" value={value} onChange={(_event, text) => onChange(text)} />;
      }}
    </Field>
  );
}

function choicesOf({ name, schema, connectors }: SchemaFieldProps): { value: string; label: string }[] | null {
  if (schema.enum) return schema.enum.map((value) => ({ value, label: valueName(value) }));
  if (name !== 'connectorId' || connectors.length === 0) return null;
  const each = connectors.map((number) => ({ value: String(number), label: String(number) }));
  return [...each, { value: '0', label: say(WORDS).wholePoint }];
}

function inputType(schema: Schema): 'number' | 'datetime-local' | 'text' {
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  return schema.format === 'date-time' ? 'datetime-local' : 'text';
}
