import { ExclamationCircleIcon } from '@patternfly/react-icons';
import { Link } from 'wouter';
import { count, kilowatts } from '../../format/units';
import { Figure, Figures } from '../../parts/Figure';
import { say } from '../../words/language';
import type { Summary } from './summary';
import { WORDS } from './words';

/** What happens at this moment; each number leads to what it counts. */
export function NowFigures({ summary }: { summary: Summary }) {
  const words = say(WORDS);
  const { figures } = words;
  const { chain } = summary;
  return (
    <Figures>
      <Figure name={figures.online} unit={figures.of(count(summary.chargePoints))} figure="online">
        <Link href="/charge-points">{count(summary.online)}</Link>
      </Figure>
      <Figure name={figures.faulted} figure="faulted">
        <Link href="/charge-points?status=Faulted" className={summary.faulted ? 'console-overview-bad' : undefined}>
          {summary.faulted > 0 && <ExclamationCircleIcon />} {count(summary.faulted)}
        </Link>
      </Figure>
      <Figure name={figures.charging} figure="charging">
        <Link href="/sessions">{count(summary.charging)}</Link>
      </Figure>
      <Figure name={figures.power} unit="kW" figure="power" about={aboutPower(summary)}>
        {shownPower(summary)}
      </Figure>
      <Figure name={figures.disputes} figure="disputes">
        <Link href="/disputes">{count(summary.disputes)}</Link>
      </Figure>
      <Figure name={figures.chain} figure="chain">
        {chain && (
          <Link href="/chain" className="console-overview-chain">
            {chain.connected ? words.chainBlock(count(chain.block_number ?? 0)) : words.chainDown}
          </Link>
        )}
      </Figure>
    </Figures>
  );
}

function shownPower({ powerW, powerTold, charging }: Summary): string | null {
  const shown = kilowatts(powerW);
  return shown !== null && powerTold < charging ? `≥ ${shown}` : shown;
}

function aboutPower({ powerW, powerTold, charging }: Summary): string | undefined {
  const words = say(WORDS);
  if (powerW === null) return words.powerUnknown;
  return powerTold < charging ? words.powerOfSome(count(powerTold), count(charging)) : undefined;
}
