import { useEffect, useState } from 'react';
import { count, duration } from '../../format/units';
import { numberFormat } from '../../format/locale';
import { useRead } from '../../http/hooks';
import { Figure, Figures } from '../../parts/Figure';
import { Loading } from '../../parts/Loading';
import { Mark } from '../../parts/Mark';
import { PageTitle } from '../../parts/PageTitle';
import { ProblemView } from '../../parts/ProblemView';
import { Card, CardBody } from '../../patternfly';
import { say } from '../../words/language';
import type { Tone } from '../../words/phases';
import { GasAccount } from './GasAccount';
import { LatencyLine } from './LatencyLine';
import { Nodes } from './Nodes';
import { PendingList } from './PendingList';
import { Reconnect } from './Reconnect';
import type { ChainShown } from './types';
import { WORDS } from './words';
import './chain.css';

const EVERY_MS = 3_000;
const MOST_LATENCIES = 60;
const GWEI = 1e9;
const TONES: Record<ChainShown['state'], Tone> = { up: 'success', degraded: 'warning', down: 'danger', unknown: 'neutral' };

/** How the chain's node is doing, and what waits for a block. */
export default function Chain() {
  const words = say(WORDS);
  const { data, error, refetch, dataUpdatedAt } = useRead<ChainShown>('/chain', {}, { every: EVERY_MS });
  const latencies = useLatencies(data?.node.latency_ms ?? null, dataUpdatedAt);
  return (
    <>
      <PageTitle hint={data && words.seenBy(data.server)} actions={<Reconnect />}>
        {words.title}
      </PageTitle>
      {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <>
          <Now chain={data} latencies={latencies} />
          <Nodes chain={data} />
          <div className="console-chain-columns">
            <PendingList chain={data} />
            <GasAccount chain={data} />
          </div>
        </>
      )}
    </>
  );
}

function Now({ chain, latencies }: { chain: ChainShown; latencies: readonly number[] }) {
  const words = say(WORDS);
  const { block, node } = chain;
  return (
    <Card>
      <CardBody className="console-chain-now">
        <span role="status">
          <Mark tone={TONES[chain.state]}>{words.states[chain.state]}</Mark>
          {chain.reason && <span className="console-hint"> {node.error ?? chain.reason}</span>}
        </span>
        <Figures>
          <Figure name={words.figures.chain} figure="chain-id">
            {String(chain.chain_id)}
          </Figure>
          <Figure name={words.figures.block} figure="block">
            {block && count(block.number)}
          </Figure>
          <Figure name={words.figures.age} figure="age">
            {block && duration(block.age_s * 1000)}
          </Figure>
          <Figure name={words.figures.latency} unit="ms" figure="latency">
            {node.latency_ms != null ? count(node.latency_ms) : null}
          </Figure>
          <Figure name={words.figures.baseFee} unit={words.gwei} figure="base-fee">
            {block && numberFormat({ maximumSignificantDigits: 4 }).format(Number(block.base_fee) / GWEI)}
          </Figure>
          <Figure name={words.figures.pending} figure="pending">
            {count(chain.pending.length)}
          </Figure>
        </Figures>
        <LatencyLine latencies={latencies} />
      </CardBody>
    </Card>
  );
}

/** The latencies that were told since the view was opened, the newest last. */
function useLatencies(latest: number | null, toldAt: number): readonly number[] {
  const [latencies, setLatencies] = useState<readonly number[]>([]);
  useEffect(() => {
    if (latest !== null) setLatencies((before) => [...before.slice(1 - MOST_LATENCIES), latest]);
  }, [latest, toldAt]);
  return latencies;
}
