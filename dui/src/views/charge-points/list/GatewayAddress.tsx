import { useState } from 'react';
import { Copyable } from '../../../parts/Copyable';
import { Field } from '../../../parts/Field';
import { TextInput } from '../../../patternfly';
import { say } from '../../../words/language';
import { chargePointUrl, gatewayOf, usualGateway } from './registration';
import { WORDS } from './registerWords';

const STORED_AS = 'noroam.gateway';

/** The address to enter at a charge point; where the gateway listens can be said, and is remembered in this browser. */
export function GatewayAddress({ id, profile }: { id: string; profile: number }) {
  const words = say(WORDS);
  const [typed, setTyped] = useState(() => gatewayOf(remembered(), profile) ?? usualGateway(location.hostname, profile));
  const gateway = gatewayOf(typed, profile);
  const change = (text: string) => {
    setTyped(text);
    remember(gatewayOf(text, profile) === null ? '' : text);
  };
  return (
    <>
      <Field label={words.gateway} hint={words.gatewayHint} fault={gateway === null ? words.gatewayFault : null}>
        {(field) => <TextInput {...field} value={typed} spellCheck={false} onChange={(_event, text) => change(text)} />}
      </Field>
      <dl className="console-facts">
        <div className="console-fact console-fact-long">
          <dt>{words.url}</dt>
          <dd data-figure="charge-point-url">{gateway === null ? '–' : <Copyable text={chargePointUrl(gateway, id)} name={words.url} whole />}</dd>
        </div>
      </dl>
    </>
  );
}

function remembered(): string {
  try {
    return localStorage.getItem(STORED_AS) ?? '';
  } catch {
    return '';
  }
}

function remember(gateway: string): void {
  try {
    localStorage.setItem(STORED_AS, gateway);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
