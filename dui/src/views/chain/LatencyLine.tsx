import { count } from '../../format/units';
import { say } from '../../words/language';
import { WORDS } from './words';

const WIDTH = 600;
const HEIGHT = 48;

/** A small line of how fast the node answered. */
export function LatencyLine({ latencies }: { latencies: readonly number[] }) {
  const words = say(WORDS);
  if (latencies.length < 2) return null;
  const highest = Math.max(...latencies);
  const lowest = Math.min(...latencies);
  const place = (value: number, index: number) =>
    `${((index / (latencies.length - 1)) * WIDTH).toFixed(1)},${(HEIGHT - 2 - (value / Math.max(highest, 1)) * (HEIGHT - 4)).toFixed(1)}`;
  return (
    <figure className="console-chain-latency">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <polyline points={latencies.map(place).join(' ')} />
      </svg>
      <figcaption className="console-hint">
        {words.latency}: {words.latencyRange(count(lowest), count(highest))}
      </figcaption>
    </figure>
  );
}
