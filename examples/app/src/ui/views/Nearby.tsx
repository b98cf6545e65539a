import type { NearbyStation, Token } from '../../noroam/types';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { Busy, Chip, type Tone } from '../parts/bits';
import { exactPrice, power } from '../format';
import { useModel } from '../hooks';
import { hashOf } from '../route';
import { nameOf } from '../stations';
import { words } from '../words';

const say = words.start;
const TONES: Record<string, Tone> = { free: 'good', busy: 'warn', unavailable: 'calm', offline: 'calm' };

/** Stations that announced themselves, and were verified. */
export function Nearby({ nearby }: { nearby?: NearbyStation[] }) {
  const model = useModel();
  const unset = model.state.settings.bootstrap.length === 0;
  return (
    <section aria-labelledby="nearby">
      <h2 id="nearby" class="section-title">{say.nearby}</h2>
      {unset && <p class="hint">{say.noBootstrap}</p>}
      {!unset && !nearby && <Busy>{say.looking}</Busy>}
      {!unset && nearby?.length === 0 && <p class="hint">{say.nobody}</p>}
      {nearby && nearby.length > 0 && (
        <ul class="list">
          {nearby.map((one) => <Row key={one.station.did} one={one} />)}
        </ul>
      )}
    </section>
  );
}

function Row({ one }: { one: NearbyStation }) {
  const { station } = one;
  const token = useToken(one);
  const best = ['free', 'busy', 'unavailable', 'offline'].find((state) =>
    one.connectors.some(({ availability }) => availability === state)) ?? 'offline';
  const free = one.connectors.find(({ availability }) => availability === 'free');
  return (
    <li>
      <a
        class="row"
        href={hashOf({ at: 'station', did: station.did, connector: free?.connectorId ?? 1 })}
      >
        <span class="row-icon"><Icon name="pin" /></span>
        <span class="row-text">
          <strong>{nameOf(station)}</strong>
          <span class="hint">
            {[station.maximumPowerW ? power(station.maximumPowerW) : '', words.plugs(station.plugTypes)]
              .filter(Boolean).join(' · ')}
          </span>
        </span>
        <span class="row-end">
          {token && <strong>{words.tariff.perKwhShort(exactPrice(station.tariff.per_kwh, token))}</strong>}
          <Chip tone={TONES[best]}>{words.availability(best)}</Chip>
        </span>
      </a>
    </li>
  );
}

/** The token of a station's prices, asked of the chain once. */
function useToken(one: NearbyStation): Token | undefined {
  const model = useModel();
  const [token, setToken] = useState<Token>();
  const address = one.token;
    useEffect(() => {
    let wanted = true;
    void model.token(address).then((found) => wanted && setToken(found));
    return () => {
      wanted = false;
    };
  }, [address]);
  return token;
}
