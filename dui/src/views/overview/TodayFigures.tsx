import { Link } from 'wouter';
import { count, kilowattHours, percent } from '../../format/units';
import { useRead } from '../../http/hooks';
import { Amount } from '../../parts/Amount';
import { Figure, Figures } from '../../parts/Figure';
import { ProblemView } from '../../parts/ProblemView';
import { tokenOfKey, useTokens } from '../../parts/tokens';
import type { Money } from '../../wire/types';
import { say } from '../../words/language';
import { WORDS } from './words';

interface Today {
  total: {
    sessions: number;
    settled: number;
    refunded: number;
    rejected: number;
    energy_wh: number;
    tokens: Record<string, { spent: Money }>;
  };
}

/** What ended today, in the viewer's day. */
export function TodayFigures() {
  const { figures, noneToday } = say(WORDS);
  const find = useTokens();
  const today = localDay();
  const { data, error, refetch } = useRead<Today>('/sessions/totals', today, { every: 60_000 });
  if (error) return <ProblemView problem={error} onRetry={() => void refetch()} />;
  const total = data?.total;
  const ended = total && total.sessions > 0 ? total : null;
  const about = total && !ended ? noneToday : undefined;
  const earned = Object.entries(ended?.tokens ?? {});
  return (
    <Figures>
      <Figure name={figures.energy} unit="kWh" figure="energy-today" about={about}>
        {ended && kilowattHours(ended.energy_wh)}
      </Figure>
      <Figure name={figures.revenue} figure="revenue-today" about={about}>
        {earned.length > 0
          ? earned.map(([key, { spent }]) => (
              <span key={key} className="console-overview-earned">
                <Amount money={spent} token={tokenOfKey(key, find)} />
              </span>
            ))
          : null}
      </Figure>
      <Figure name={figures.sessions} figure="sessions-today">
        {total && <Link href={`/sessions?${new URLSearchParams(today).toString()}`}>{count(total.sessions)}</Link>}
      </Figure>
      <Figure name={figures.success} figure="success-today" about={about}>
        {ended && percent(ended.settled / ended.sessions)}
      </Figure>
    </Figures>
  );
}

/** Today where the viewer is: both days and the zone, as the API takes them. */
function localDay(): { first_day: string; last_day: string; zone: string } {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return { first_day: day, last_day: day, zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}
