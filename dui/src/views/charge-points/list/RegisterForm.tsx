import { type FormEvent, useState } from 'react';
import { nativeToken } from '../../../format/amount';
import { path } from '../../../http/client';
import { useChange, useRead } from '../../../http/hooks';
import { Field } from '../../../parts/Field';
import { ProblemView } from '../../../parts/ProblemView';
import { useTokens } from '../../../parts/tokens';
import { WORDS as PARTS } from '../../../parts/words';
import { Button, FormSelect, FormSelectOption, TextInput, Title } from '../../../patternfly';
import { useChainId } from '../../../shell/live';
import { say } from '../../../words/language';
import type { NewlyRegistered, Waiting } from '../types';
import { admissionOf, EMPTY, type RegistrationDraft, type RegistrationField, wrongFields } from './registration';
import { RegisteredNow } from './RegisteredNow';
import { WORDS } from './registerWords';

interface RegisterFormProps {
  /** The charge point that came and waits; without one, it is registered before it comes. */
  waiting?: Waiting;
  onClose: () => void;
}

/** Registers a charge point, and says what to enter at it. */
export function RegisterForm({ waiting, onClose }: RegisterFormProps) {
  const words = say(WORDS);
  const chainId = useChainId();
  const find = useTokens();
  const kind = [waiting?.vendor, waiting?.model].filter(Boolean).join(' ');
  const [draft, setDraft] = useState<RegistrationDraft>({ ...EMPTY, id: waiting?.charge_point_id ?? '', name: kind });
  const [wrong, setWrong] = useState<readonly RegistrationField[]>([]);
  const token = draft.token ? find(chainId, draft.token) : nativeToken(chainId);
  const place = waiting ? path`/quarantine/${waiting.charge_point_id}/admit` : '/charge-points';
  const register = useChange<NewlyRegistered, Record<string, unknown>>('POST', place, ['/quarantine', '/charge-points']);
  if (register.data) return <RegisteredNow registered={register.data} hasOwnPassword={Boolean(waiting?.password_presented)} onClose={onClose} />;
  const send = (event: FormEvent) => {
    event.preventDefault();
    const found = wrongFields(draft, token.decimals);
    setWrong(found);
    if (found.length > 0) return;
    const body = admissionOf(draft, token.decimals);
    register.mutate(waiting ? body : { ...body, charge_point_id: draft.id });
  };
  const faults: Partial<Record<RegistrationField, string>> = {
    id: words.idFault,
    connectors: words.numberFault('1', '1000'),
    powerKw: words.powerFault,
    perKwh: words.priceFault,
    perSession: words.priceFault,
  };
  const text = (name: RegistrationField, label: string, hint?: string) => (
    <Field label={label} hint={hint} fault={wrong.includes(name) ? faults[name] : null}>
      {(field) => <TextInput {...field} value={draft[name]} onChange={(_event, value) => setDraft({ ...draft, [name]: value })} />}
    </Field>
  );
  return (
    <form className="console-form console-cp-form" onSubmit={send} noValidate aria-label={waiting ? words.admit(draft.id) : words.register}>
      {waiting && (
        <Title headingLevel="h3" size="md">
          {words.admit(draft.id)}
        </Title>
      )}
      {!waiting && text('id', words.id, words.idHint)}
      {text('name', words.name, words.nameHint)}
      <div className="console-cp-columns">
        {text('connectors', words.connectors)}
        {text('powerKw', words.power)}
        <TokenChoice chosen={draft.token} onChange={(chosen) => setDraft({ ...draft, token: chosen })} />
        {text('perKwh', words.perKwh(token.symbol), words.priceHint)}
        {text('perSession', words.perSession(token.symbol))}
        <Field label={words.security} hint={waiting?.password_presented ? words.keepsPassword : undefined}>
          {(field) => (
            <FormSelect {...field} value={draft.profile} onChange={(_event, profile) => setDraft({ ...draft, profile })}>
              {Object.entries(words.profiles).map(([value, label]) => (
                <FormSelectOption key={value} value={value} label={label} />
              ))}
            </FormSelect>
          )}
        </Field>
      </div>
      {register.error && <ProblemView problem={register.error} />}
      <div className="console-cp-actions">
        <Button type="submit" isLoading={register.isPending} isDisabled={register.isPending}>
          {waiting ? words.admit(draft.id) : words.register}
        </Button>
        <Button variant="link" onClick={onClose}>
          {say(PARTS).cancel}
        </Button>
      </div>
    </form>
  );
}

interface KnownTokens {
  items: { chain_id: number; token: string; symbol: string }[];
}

function TokenChoice({ chosen, onChange }: { chosen: string; onChange: (token: string) => void }) {
  const words = say(WORDS);
  const chainId = useChainId();
  const { data } = useRead<KnownTokens>('/tokens');
  const others = (data?.items ?? []).filter(({ chain_id, token }) => chain_id === chainId && !/^0x0{40}$/.test(token));
  return (
    <Field label={words.token}>
      {(field) => (
        <FormSelect {...field} value={chosen} onChange={(_event, token) => onChange(token)}>
          <FormSelectOption value="" label={words.native(nativeToken(chainId).symbol)} />
          {others.map(({ token, symbol }) => (
            <FormSelectOption key={token} value={token} label={symbol || token} />
          ))}
        </FormSelect>
      )}
    </Field>
  );
}
