import { type FormEvent, useState } from 'react';
import { Panel } from '../../../parts/Panel';
import { Checkbox } from '../../../patternfly';
import { say } from '../../../words/language';
import type { Registered } from '../types';
import { Saving, useRegisteredChange } from './Saving';
import { WORDS } from './words';

/** What a charge point may do against the specification and be heard nevertheless. */
export function TolerancesPanel({ registered }: { registered: Registered }) {
  const words = say(WORDS);
  const change = useRegisteredChange(registered.charge_point_id);
  const [chosen, setChosen] = useState<readonly string[]>(registered.tolerances);
  const send = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ tolerances: chosen });
  };
  return (
    <Panel title={words.tolerances}>
      <form className="console-form" onSubmit={send} aria-label={words.tolerances}>
        <p className="console-hint">{words.tolerancesAbout}</p>
        {Object.entries(words.tolerance).map(([kind, label]) => (
          <Checkbox
            key={kind}
            id={`tolerance-${kind}`}
            label={label}
            isChecked={chosen.includes(kind)}
            onChange={(_event, isOn) => setChosen(isOn ? [...chosen, kind] : chosen.filter((each) => each !== kind))}
          />
        ))}
        <Saving change={change} />
      </form>
    </Panel>
  );
}
