import { useSearchParams } from 'wouter';
import { count, dayAndTime, kilowatts } from '../../format/units';
import type { Problem } from '../../http/problem';
import { Amount } from '../../parts/Amount';
import { Copyable } from '../../parts/Copyable';
import { Fact, Facts } from '../../parts/Facts';
import { Loading } from '../../parts/Loading';
import { Mark } from '../../parts/Mark';
import { Panel } from '../../parts/Panel';
import { ProblemView } from '../../parts/ProblemView';
import { useTokens } from '../../parts/tokens';
import { Button } from '../../patternfly';
import { useStation } from '../../shell/live';
import { say } from '../../words/language';
import type { ChainIdentity, KeptIdentity, StationTold } from './types';
import { WORDS } from './words';

interface DocumentPanelProps {
  kept: KeptIdentity;
  now: ChainIdentity | null;
  /** The document of an earlier block, if one is wanted. */
  then: { data: ChainIdentity | undefined; error: Problem | null } | null;
}

/** The DID document, for reading and as JSON: as it is now, or as it was. */
export function DocumentPanel({ kept, now, then }: DocumentPanelProps) {
  const words = say(WORDS);
  const [, setSearch] = useSearchParams();
  const chain = then ? (then.data ?? null) : now;
  const content = then ? chain?.document : (now?.document ?? kept.document);
  const toNow = then && (
    <Button variant="link" isInline onClick={() => setSearch({})}>
      {words.toNow}
    </Button>
  );
  return (
    <Panel title={words.document} actions={toNow}>
      <div className="console-identity-part">
        {then && !chain && !then.error && <Loading />}
        {then?.error && <ProblemView problem={then.error} />}
        {then && chain && (
          <Mark tone="info">{words.asOf(count(chain.block ?? 0))}</Mark>
        )}
        {chain && <Told chain={chain} chainId={kept.chain_id} />}
        {chain && !chain.station && <p className="console-hint">{words.noDocument}</p>}
        {content && (
          <details className="console-identity-json">
            <summary>{words.json}</summary>
            <pre tabIndex={0}>{JSON.stringify(content, null, 2)}</pre>
          </details>
        )}
      </div>
    </Panel>
  );
}

function Told({ chain, chainId }: { chain: ChainIdentity; chainId: number | null }) {
  const words = say(WORDS).facts;
  return (
    <Facts>
      {chain.station && <Station station={chain.station} chainId={chainId} />}
      {chain.changed_at > 0 && <Fact name={words.changed}>{count(chain.changed_at)}</Fact>}
      <Fact name={words.read}>{dayAndTime(chain.read_at)}</Fact>
    </Facts>
  );
}

function Station({ station, chainId }: { station: StationTold; chainId: number | null }) {
  const words = say(WORDS).facts;
  // The document names no token: it is the one that the charge point is set to.
  const token = useTokens()(chainId, useStation(station.charge_point_id)?.status?.token);
  const perKwh = typeof station.tariff.per_kwh === 'string' ? station.tariff.per_kwh.split('.')[0] : null;
  return (
    <>
      <Fact name={words.name}>{station.name || null}</Fact>
      <Fact name={words.connectors}>{count(station.connectors)}</Fact>
      <Fact name={words.power}>{kilowatts(station.maximum_power_w)} kW</Fact>
      {station.plug_types.length > 0 && <Fact name={words.plugs}>{station.plug_types.join(', ')}</Fact>}
      {perKwh && (
        <Fact name={words.perKwh}>
          <Amount money={perKwh} token={token} />
        </Fact>
      )}
      <Fact name={words.account} isLong>
        <Copyable text={station.account} name={words.account} whole />
      </Fact>
      <Fact name={words.peer} isLong>
        <Copyable text={station.peer_id} name={words.peer} whole />
      </Fact>
      <Fact name={words.addresses} isLong>
        <ul className="console-identity-addresses">
          {station.multiaddrs.map((address) => (
            <li key={address}>
              <Copyable text={address} name={words.addresses} whole />
            </li>
          ))}
        </ul>
      </Fact>
    </>
  );
}
