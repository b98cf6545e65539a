import { type FormEvent, useState } from 'react';
import { numberFormat } from '../../../format/locale';
import { Field } from '../../../parts/Field';
import { Panel } from '../../../parts/Panel';
import { TextInput } from '../../../patternfly';
import { say } from '../../../words/language';
import type { Registered } from '../types';
import { Saving, useRegisteredChange } from './Saving';
import { WORDS } from './words';

const MOST_CONNECTORS = 1000;

/** Its name, connectors, power and plugs. */
export function General({ registered }: { registered: Registered }) {
  const words = say(WORDS);
  const change = useRegisteredChange(registered.charge_point_id);
  const [name, setName] = useState(registered.name);
  const [connectors, setConnectors] = useState(String(registered.connectors));
  const [power, setPower] = useState(() => numberFormat({ useGrouping: false }).format(registered.maximum_power_w / 1000));
  const [plugs, setPlugs] = useState(registered.plug_types.join(', '));
  const [isChecked, setChecked] = useState(false);
  const count = Number(connectors);
  const watts = Math.round(Number(power.replace(',', '.')) * 1000);
  const faults = {
    connectors: Number.isInteger(count) && count >= 1 && count <= MOST_CONNECTORS ? null : words.numberFault,
    power: watts >= 1 ? null : words.numberFault,
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (faults.connectors || faults.power) return;
    const wanted = { name: name.trim(), connectors: count, maximum_power_w: watts, plug_types: listOf(plugs) };
    const changed = Object.entries(wanted).filter(
      ([field, value]) => JSON.stringify(value) !== JSON.stringify(registered[field as keyof Registered]),
    );
    change.mutate(Object.fromEntries(changed));
  };
  const text = (label: string, value: string, set: (value: string) => void, fault?: string | null) => (
    <Field label={label} fault={isChecked ? fault : null}>
      {(field) => <TextInput {...field} value={value} onChange={(_event, typed) => set(typed)} />}
    </Field>
  );
  return (
    <Panel title={words.general}>
      <form className="console-form" onSubmit={send} aria-label={words.general} noValidate>
        <div className="console-cp-columns">
          {text(words.name, name, setName)}
          {text(words.connectors, connectors, setConnectors, faults.connectors)}
          {text(words.power, power, setPower, faults.power)}
          {text(words.plugs, plugs, setPlugs)}
        </div>
        <Saving change={change} />
      </form>
    </Panel>
  );
}

function listOf(text: string): string[] {
  return text.split(',').map((each) => each.trim()).filter(Boolean);
}
