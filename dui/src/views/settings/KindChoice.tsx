import { useId } from 'react';
import { Checkbox } from '../../patternfly';
import type { AlertKind } from '../../wire/types';
import { say } from '../../words/language';
import { WORDS } from './words';

interface KindChoiceProps {
  label: string;
  chosen: readonly AlertKind[];
  onChange: (chosen: AlertKind[]) => void;
}

/** Some of the kinds of alerts. */
export function KindChoice({ label, chosen, onChange }: KindChoiceProps) {
  const id = useId();
  const kinds = Object.entries(say(WORDS).kinds) as [AlertKind, string][];
  return (
    <div role="group" aria-label={label} className="console-settings-kinds">
      {kinds.map(([kind, name]) => (
        <Checkbox
          key={kind}
          id={`${id}-${kind}`}
          label={name}
          isChecked={chosen.includes(kind)}
          onChange={(_event, isChosen) => onChange(isChosen ? [...chosen, kind] : chosen.filter((each) => each !== kind))}
        />
      ))}
    </div>
  );
}
