import { Link } from 'wouter';
import { type Bar, Bars } from '../../chart/Bars';
import { count, kilowattHours } from '../../format/units';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../parts/Table';
import { say } from '../../words/language';
import { ChartPanel, Pick } from './ChartPanel';
import { sessionsHref } from './links';
import { measured, tokensOf, unitOf } from './measures';
import { hourName, periodName, periodTick } from './names';
import type { PartProps } from './parts';
import { Amounts, Fees } from './ReportFigures';
import type { PeriodSums, Report } from './types';
import { WORDS } from './words';

/** Bars over the periods; of one day alone, over its hours. */
export function OverTime(props: PartProps) {
  return props.report.first_day === props.report.last_day ? <OverDay {...props} /> : <OverPeriods {...props} />;
}

function OverPeriods(props: PartProps) {
  const { choice, report, purse, earlier, onChange } = props;
  const words = say(WORDS);
  const { measure } = choice;
  const bars = report.periods.map((sums, place): Bar => {
    const then = earlier?.periods[place];
    return {
      key: sums.period,
      tick: periodTick(report.by, sums),
      name: periodName(report.by, sums),
      ...measured(measure, sums, purse),
      before: then && measured(measure, then, purse),
    };
  });
  const of = new Map(report.periods.map((sums) => [sums.period, sums]));
  const label = words.barsOf(words.measures[measure], words.bys[report.by]);
  return (
    <ChartPanel
      title={words.overTime}
      choices={
        <>
          <Pick label={words.measure} value={measure} names={words.measures} onPick={(chosen) => onChange({ measure: chosen })} />
          <Pick label={words.by} value={report.by} names={words.bys} onPick={(by) => onChange({ by })} />
        </>
      }
      chart={
        <Bars
          label={label}
          unit={unitOf(measure, purse)}
          bars={bars}
          more={({ key }) => <Link href={sessionsHref(choice, { ...report, ...(of.get(key) ?? {}) })}>{words.toSessions}</Link>}
        />
      }
      table={<PeriodTable {...props} label={label} />}
    />
  );
}

function PeriodTable({ choice, report, label }: PartProps & { label: string }) {
  const { columns } = say(WORDS);
  const row = (sums: PeriodSums) => (
    <Tr key={sums.period}>
      <Td dataLabel={columns.period}>{periodName(report.by, sums)}</Td>
      <Td dataLabel={columns.sessions}>
        <Link href={sessionsHref(choice, { ...report, ...sums })}>{count(sums.sessions)}</Link>
      </Td>
      <Td dataLabel={columns.energy}>{kilowattHours(sums.energy_wh)}</Td>
      <Td dataLabel={columns.revenue}>
        <Amounts of={tokensOf(sums, choice.token)} />
      </Td>
      <Td dataLabel={columns.gas}>
        <Fees fees={sums.gas_fees} />
      </Td>
    </Tr>
  );
  return (
    <Table variant="compact" aria-label={label}>
      <Thead>
        <Tr>
          {[columns.period, columns.sessions, columns.energy, columns.revenue, columns.gas].map((name) => (
            <Th key={name} modifier="nowrap">{name}</Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>{report.periods.map(row)}</Tbody>
    </Table>
  );
}

/** The energy of one day by its hours; it is the only thing that is known of them. */
function OverDay({ report }: PartProps) {
  const words = say(WORDS);
  const bars = hoursOf(report);
  return (
    <ChartPanel
      title={words.overDay}
      chart={<Bars label={words.overDay} unit="kWh" bars={bars} />}
      table={
        <Table variant="compact" aria-label={words.overDay}>
          <Thead>
            <Tr>
              <Th>{words.columns.hour}</Th>
              <Th>{words.columns.energy}</Th>
            </Tr>
          </Thead>
          <Tbody>
            {bars.map(({ key, name, said }) => (
              <Tr key={key}>
                <Td dataLabel={words.columns.hour}>{name}</Td>
                <Td dataLabel={words.columns.energy}>{said}</Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      }
    />
  );
}

function hoursOf({ heat, first_day }: Report): Bar[] {
  const weekday = new Date(`${first_day}T00:00:00Z`).getUTCDay() || 7;
  return heat
    .filter((each) => each.weekday === weekday)
    .map(({ hour, energy_wh }) => ({
      key: String(hour),
      tick: String(hour),
      name: hourName(hour),
      value: energy_wh / 1000,
      said: `${kilowattHours(energy_wh)} kWh`,
    }));
}
