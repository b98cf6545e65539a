import { useState } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { Busy, Notice } from '../parts/bits';
import { Screen } from '../parts/Screen';
import { useModel } from '../hooks';
import type { Model } from '../model';
import { go, hashOf } from '../route';
import { words } from '../words';
import { Nearby } from './Nearby';
import { SessionRow } from './SessionRow';
import { NoroamError } from '../../noroam/types';

const say = words.start;

/** The first screen: which station, and what is under way. */
export function Start() {
  const model = useModel();
  const { state } = model;
  const settings = (
    <a class="icon-button" href={hashOf({ at: 'settings' })} aria-label={say.settings}>
      <Icon name="settings" />
    </a>
  );
  return (
    <Screen title={say.title} heading="large" aside={settings}>
      {state.stage === 'to_set_up' ? <NotSetUp /> : <Ways model={model} />}
      <Sessions model={model} over={false} />
      {state.stage === 'open' && <Nearby nearby={state.nearby} />}
      <Sessions model={model} over />
    </Screen>
  );
}

function NotSetUp() {
  return (
    <>
      <Notice tone="calm" icon="settings" title={say.notSetUp} />
      <a class="button button-primary" href={hashOf({ at: 'settings' })}>
        {say.setUp}
      </a>
    </>
  );
}

/** The ways to name a station: its code, or its DID. */
function Ways({ model }: { model: Model }) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState('');
  const open = (event: Event) => {
    event.preventDefault();
    try {
      const { did, connectorId } = model.parse(text.trim());
      go({ at: 'station', did, connector: connectorId });
    } catch (error) {
      if (!(error instanceof NoroamError)) throw error;
      setWrong(say.notALabel);
    }
  };
  return (
    <>
      <a class="button button-primary button-tall" href={hashOf({ at: 'scan' })}>
        <Icon name="scan" /> {say.scan}
      </a>
      <form class="field" onSubmit={open} noValidate>
        <label for="did">{say.type}</label>
        <div class="field-row">
          <input
            id="did"
            type="text"
            inputMode="url"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder={words.start.placeholder}
            value={text}
            aria-describedby="did-hint"
            aria-invalid={wrong ? true : undefined}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setWrong('');
            }}
          />
          <button type="submit" class="button button-square" aria-label={say.open} disabled={!text.trim()}>
            <Icon name="forward" />
          </button>
        </div>
        <p id="did-hint" class={wrong ? 'hint wrong' : 'hint'} aria-live="polite">
          {wrong || say.typeHint}
        </p>
      </form>
    </>
  );
}

/** Sessions that go on, or those that are over. */
function Sessions({ model, over }: { model: Model; over: boolean }) {
  const { records, resuming } = model.state;
  const shown = records.filter((record) => record.ended === over);
  if (shown.length === 0) return null;
  const id = over ? 'past' : 'active';
  return (
    <section aria-labelledby={id}>
      <h2 id={id} class="section-title">{say[id]}</h2>
      {!over && resuming && <Busy>{words.session.taking}</Busy>}
      <ul class="list">
        {shown.map((record) => <SessionRow key={record.sessionId} record={record} />)}
      </ul>
    </section>
  );
}
