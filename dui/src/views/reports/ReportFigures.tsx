import { ArrowDownIcon, ArrowUpIcon } from '@patternfly/react-icons';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { nativeToken } from '../../format/amount';
import { numberFormat } from '../../format/locale';
import { count, duration, kilowattHours, percent } from '../../format/units';
import { Amount } from '../../parts/Amount';
import { Figure, Figures as FigureList } from '../../parts/Figure';
import { Panel } from '../../parts/Panel';
import { tokenOfKey, useTokens } from '../../parts/tokens';
import { say } from '../../words/language';
import { sessionsHref } from './links';
import { growth, measured, success, tokensOf } from './measures';
import { rangeName } from './names';
import type { PartProps } from './parts';
import type { Report } from './types';
import { WORDS } from './words';

const MUCH_WH = 1_000_000;

/** What the period came to, and how it was before. */
export function Figures({ choice, report, purse, earlier }: PartProps) {
  const words = say(WORDS);
  const { figures } = words;
  const { total } = report;
  const then = earlier?.total;
  const length = meanLength(report);
  const rate = success(total);
  const earned = tokensOf(total, choice.token);
  const than = (measure: 'energy' | 'revenue' | 'sessions' | 'gas') =>
    then && <Change now={measured(measure, total, purse).value} then={measured(measure, then, purse)} />;
  return (
    <Panel title={words.summary} className="console-reports-figures">
      <FigureList>
        <Figure name={figures.energy} figure="energy">
          <Told more={than('energy')}>
            <span className="console-reports-energy" title={`${kilowattHours(total.energy_wh)} kWh`}>
              {energyFigure(total.energy_wh)} <span className="console-unit">kWh</span>
            </span>
          </Told>
        </Figure>
        <Figure name={figures.revenue} figure="revenue">
          <Told more={earned.length < 2 && than('revenue')}>{earned.length ? <Amounts of={earned} /> : words.none}</Told>
        </Figure>
        <Figure name={figures.sessions} figure="sessions">
          <Told more={than('sessions')}>
            <Link href={sessionsHref(choice, report)}>{count(total.sessions)}</Link>
          </Told>
        </Figure>
        <Figure name={figures.success} figure="success">
          <Told more={then && <Was value={percentOrNone(success(then))} />}>{percentOrNone(rate)}</Told>
        </Figure>
        <Figure name={figures.length} figure="length">
          <Told more={earlier && <Was value={lengthOrNone(meanLength(earlier))} />}>{lengthOrNone(length)}</Told>
        </Figure>
        <Figure name={figures.gas} figure="gas">
          <Told more={than('gas') ?? <span className="console-hint">{figures.gasUsed(count(total.gas_used))}</span>}>
            <Fees fees={total.gas_fees} />
          </Told>
        </Figure>
        {total.unbilled_wh > 0 && (
          <Figure name={figures.unbilled} unit="kWh" figure="unbilled">
            {kilowattHours(total.unbilled_wh)}
          </Figure>
        )}
        {total.private > 0 && (
          <Figure name={figures.tests} figure="tests">
            <Link href={sessionsHref(choice, report, { private: true })}>{count(total.private)}</Link>
          </Figure>
        )}
      </FigureList>
      {earlier && <p className="console-hint">{words.compared(rangeName({ first: earlier.first_day, last: earlier.last_day }))}</p>}
    </Panel>
  );
}

/** Amounts of several tokens, one below the other. */
export function Amounts({ of }: { of: readonly [key: string, money: string][] }) {
  const find = useTokens();
  return of.map(([key, money]) => (
    <span key={key} className="console-reports-amount">
      <Amount money={money} token={tokenOfKey(key, find)} />
    </span>
  ));
}

/** Gas fees by chain, each in the chain's own token. */
export function Fees({ fees }: { fees: Readonly<Record<string, string>> }) {
  const all = Object.entries(fees);
  if (all.length === 0) return '–';
  return all.map(([chain, money]) => (
    <span key={chain} className="console-reports-amount">
      <Amount money={money} token={nativeToken(Number(chain))} />
    </span>
  ));
}

function Told({ more, children }: { more: ReactNode; children: ReactNode }) {
  return (
    <>
      {children}
      {more && <span className="console-reports-change">{more}</span>}
    </>
  );
}

function Change({ now, then }: { now: number; then: { value: number; said: string } }) {
  const { change } = say(WORDS);
  const share = growth(now, then.value);
  const text = percent(Math.abs(share ?? 0));
  return (
    <span title={change.was(then.said)}>
      {share === null && change.was(then.said)}
      {share === 0 && change.same}
      {share !== null && share > 0 && (
        <>
          <ArrowUpIcon /> {change.more(text)}
        </>
      )}
      {share !== null && share < 0 && (
        <>
          <ArrowDownIcon /> {change.less(text)}
        </>
      )}
    </span>
  );
}

function Was({ value }: { value: string }) {
  return say(WORDS).change.was(value);
}

/** The mean of sessions that began to charge, s. */
function meanLength({ total, lengths }: Report): number | null {
  const begun = lengths.reduce((sum, { sessions }) => sum + sessions, 0);
  return begun > 0 ? total.charging_s / begun : null;
}

/** Much energy to a tenth of a kWh, little to the Wh. */
function energyFigure(energyWh: number): string {
  const isMuch = energyWh >= MUCH_WH;
  return isMuch ? numberFormat({ minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(energyWh / 1000) : (kilowattHours(energyWh) ?? '');
}

function percentOrNone(share: number | null): string {
  return share === null ? '–' : percent(share, 1);
}

function lengthOrNone(seconds: number | null): string {
  return seconds === null ? '–' : duration(seconds * 1000);
}
