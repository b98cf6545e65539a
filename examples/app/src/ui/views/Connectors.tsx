import type { Station } from '../../noroam/types';
import { Icon } from '../parts/Icon';
import { Chip, type Tone } from '../parts/bits';
import { go } from '../route';
import type { Visit } from '../visit';
import { words } from '../words';

const TONES: Record<string, Tone> = { free: 'good', busy: 'warn', unavailable: 'bad', offline: 'bad' };

/** The connectors, one of which is chosen. */
export function Connectors({ visit, station }: { visit: Visit; station: Station }) {
  const numbers = Array.from({ length: station.connectors }, (_, index) => index + 1);
  return (
    <fieldset class="choices">
      <legend class="section-title">{words.station.choose}</legend>
      {numbers.map((number) => {
        const state = visit.view.availability[number];
        const chosen = number === visit.connector;
        return (
          <label key={number} class={chosen ? 'choice choice-chosen' : 'choice'}>
            <input
              type="radio"
              name="connector"
              checked={chosen}
              onChange={() => go({ at: 'station', did: visit.did, connector: number }, true)}
            />
            <Icon name="plug" />
            <span class="row-text">
              <strong>{words.connector(number)}</strong>
              <span class="hint">{station.plugTypes[number - 1] ?? words.plugs(station.plugTypes)}</span>
            </span>
            {state && <Chip tone={TONES[state]}>{words.availability(state)}</Chip>}
          </label>
        );
      })}
    </fieldset>
  );
}
