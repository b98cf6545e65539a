import { AngleLeftIcon, AngleRightIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { Field } from '../../parts/Field';
import { Button, TextInput } from '../../patternfly';
import { say } from '../../words/language';
import type { Choice } from './choice';
import { rangeTitle } from './names';
import { around, type Day, dayIn, isDay, type Kind, KINDS, type Range, stepped } from './period';
import type { Report } from './types';
import type { ChangeChoice } from './useChoice';
import { WORDS } from './words';

interface PeriodFilterProps {
  choice: Choice;
  report: Report | undefined;
  onChange: ChangeChoice;
}

/** Which days: a kind of period, the one before or behind, or any first and last day. */
export function PeriodFilter({ choice, report, onChange }: PeriodFilterProps) {
  const words = say(WORDS);
  const range = choice.range ?? (report && { first: report.first_day, last: report.last_day });
  const today = report && dayIn(report.zone, new Date());
  const take = (kind: Kind) => range && today && onChange({ kind, range: taken(kind, range, today), by: null });
  const step = (direction: -1 | 1) =>
    range && onChange({ kind: choice.kind === 'recent' ? 'custom' : choice.kind, range: stepped(choice.kind, range, direction) });
  return (
    <div className="console-reports-period">
      <div role="group" aria-label={words.period} className="console-reports-kinds">
        {KINDS.map((kind) => (
          <Button
            key={kind}
            variant={kind === choice.kind ? 'secondary' : 'plain'}
            aria-pressed={kind === choice.kind}
            isDisabled={!range}
            onClick={() => take(kind)}
          >
            {words.kinds[kind]}
          </Button>
        ))}
      </div>
      <div className="console-reports-steps">
        <Button variant="plain" aria-label={words.previous} icon={<AngleLeftIcon />} isDisabled={!range} onClick={() => step(-1)} />
        <span aria-live="polite">{range && rangeTitle(choice.kind, range)}</span>
        <Button
          variant="plain"
          aria-label={words.next}
          icon={<AngleRightIcon />}
          isDisabled={!range || !today || range.last >= today}
          onClick={() => step(1)}
        />
      </div>
      {choice.kind === 'custom' && range && <CustomDays range={range} onChange={(days) => onChange({ range: days })} />}
    </div>
  );
}

function CustomDays({ range, onChange }: { range: Range; onChange: (range: Range) => void }) {
  const words = say(WORDS);
  return (
    <div className="console-reports-fields">
      <DayField label={words.firstDay} day={range.first} onChange={(day) => onChange({ first: day, last: day > range.last ? day : range.last })} />
      <DayField label={words.lastDay} day={range.last} onChange={(day) => onChange({ first: day < range.first ? day : range.first, last: day })} />
    </div>
  );
}

/** A day that takes effect as soon as it is one; what is being typed stays until the field is left. */
function DayField({ label, day, onChange }: { label: string; day: Day; onChange: (day: Day) => void }) {
  const [draft, setDraft] = useState<string | null>(null);
  const type = (text: string) => {
    setDraft(text);
    if (isDay(text)) onChange(text);
  };
  return (
    <Field label={label}>
      {(field) => (
        <TextInput {...field} type="date" value={draft ?? day} onChange={(_event, text) => type(text)} onBlur={() => setDraft(null)} />
      )}
    </Field>
  );
}

/** The period of a kind that the shown days end in, or today where they reach beyond it. */
function taken(kind: Kind, range: Range, today: string): Range | null {
  if (kind === 'recent') return null;
  return kind === 'custom' ? range : around(kind, range.last < today ? range.last : today);
}
