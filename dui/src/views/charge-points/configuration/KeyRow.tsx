import { type FormEvent, useState } from 'react';
import { dayAndTime } from '../../../format/units';
import { path } from '../../../http/client';
import { useChange } from '../../../http/hooks';
import { Field } from '../../../parts/Field';
import { Mark } from '../../../parts/Mark';
import { ProblemView } from '../../../parts/ProblemView';
import { Td, Tr } from '../../../parts/Table';
import { Button, Checkbox, TextInput } from '../../../patternfly';
import { say } from '../../../words/language';
import { OperationAnswerView } from '../commands/OperationAnswerView';
import { useObstacle } from '../commands/OperationForm';
import { useOperation } from '../commands/operations';
import type { ReportedKey } from '../types';
import { WORDS } from './words';

const COLUMNS = 5;

interface KeyRowProps {
  id: string;
  reported: ReportedKey;
  /** The value that is wanted, if any is. */
  desired: string | null;
}

/** One configuration key, and the form that changes it with the charge point's answer. */
export function KeyRow({ id, reported, desired }: KeyRowProps) {
  const words = say(WORDS);
  const [isOpen, setOpen] = useState(false);
  const obstacle = useObstacle(id);
  const { key, value, readonly } = reported;
  return (
    <>
      <Tr>
        <Td dataLabel={words.key}>
          <code>{key}</code>
        </Td>
        <Td dataLabel={words.value} className="console-cp-value">
          {reported.is_hidden ? <span className="console-unknown">{words.hidden}</span> : (value ?? <span className="console-unknown">–</span>)}
        </Td>
        <Td dataLabel={words.state}>
          <span className="console-cp-marks">
            {readonly && <Mark tone="neutral">{words.readonly}</Mark>}
            {reported.needs_reboot && <Mark tone="warning">{words.needsReboot}</Mark>}
            {desired !== null && <Mark tone={desired === value ? 'success' : 'warning'}>{words.wanted}</Mark>}
          </span>
        </Td>
        <Td dataLabel={words.at}>{dayAndTime(reported.at)}</Td>
        <Td dataLabel={words.edit}>
          {!readonly && (
            <span title={obstacle ?? undefined}>
              <Button variant="link" isInline isDisabled={obstacle !== null} aria-expanded={isOpen} aria-label={words.editKey(key)} onClick={() => setOpen(!isOpen)}>
                {words.edit}
              </Button>
            </span>
          )}
        </Td>
      </Tr>
      {isOpen && (
        <Tr>
          <Td colSpan={COLUMNS}>
            <Edit id={id} configurationKey={key} value={value ?? ''} isKept={desired !== null} onClose={() => setOpen(false)} />
          </Td>
        </Tr>
      )}
    </>
  );
}

interface EditProps {
  id: string;
  configurationKey: string;
  value: string;
  isKept: boolean;
  onClose: () => void;
}

function Edit({ id, configurationKey: key, value, isKept, onClose }: EditProps) {
  const words = say(WORDS);
  const [text, setText] = useState(value);
  const [isKeeping, setKeeping] = useState(isKept);
  const asking = useOperation(id, 'ChangeConfiguration');
  const want = useChange('PUT', path`/charge-points/${id}/configuration/desired/${key}`, [path`/charge-points/${id}/configuration`]);
  const send = (event: FormEvent) => {
    event.preventDefault();
    asking.give({ key, value: text });
    if (isKeeping) want.mutate({ value: text });
  };
  return (
    <form className="console-form console-cp-form" onSubmit={send} aria-label={words.editKey(key)}>
      <Field label={words.newValue}>
        {(field) => <TextInput {...field} autoFocus maxLength={500} value={text} onChange={(_event, typed) => setText(typed)} />}
      </Field>
      <Checkbox id={`keep-${key}`} label={words.keep} isChecked={isKeeping} onChange={(_event, isOn) => setKeeping(isOn)} />
      <div className="console-cp-actions">
        <Button type="submit" isLoading={asking.isPending} isDisabled={asking.isPending}>
          {words.set}
        </Button>
        <Button variant="link" onClick={onClose}>
          {words.cancel}
        </Button>
      </div>
      <OperationAnswerView asking={asking} />
      {want.error && <ProblemView problem={want.error} />}
    </form>
  );
}
