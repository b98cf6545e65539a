import { type HeatCell, HeatMap } from '../../chart/HeatMap';
import { roundTicks } from '../../chart/scale';
import { numberFormat } from '../../format/locale';
import { kilowattHours, percent } from '../../format/units';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../parts/Table';
import { say } from '../../words/language';
import { ChartPanel, Pick } from './ChartPanel';
import type { Warmth } from './choice';
import { hourName, weekdayName } from './names';
import type { PartProps } from './parts';
import type { HourOfWeek } from './types';
import { WORDS } from './words';

const STEPS = 5;
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** How busy each hour of the week is, or how much energy it takes. */
export function Heat({ choice, report, onChange }: PartProps) {
  const words = say(WORDS);
  const { warmth } = choice;
  const cells = report.heat.map((hour) => cellOf(warmth, hour));
  const busiest = cells.reduce<HeatCell | null>((most, cell) => (cell.value > (most?.value ?? 0) ? cell : most), null);
  return (
    <ChartPanel
      title={words.heat}
      choices={<Pick label={words.warmth} value={warmth} names={words.warmths} onPick={(chosen) => onChange({ warmth: chosen })} />}
      chart={
        <>
          <HeatMap
            label={words.heatSummary(busiest?.said ?? words.heatNothing)}
            rows={WEEKDAYS.map((weekday) => weekdayName(weekday))}
            columns={HOURS.map(String)}
            cells={cells}
            steps={stepsOf(warmth, busiest?.value ?? 0)}
          />
          <p className="console-hint">{words.heatHint}</p>
        </>
      }
      table={<HeatTable warmth={warmth} heat={report.heat} />}
    />
  );
}

function HeatTable({ warmth, heat }: { warmth: Warmth; heat: readonly HourOfWeek[] }) {
  const words = say(WORDS);
  const at = new Map(heat.map((each) => [`${each.weekday} ${each.hour}`, each]));
  return (
    <Table variant="compact" aria-label={words.heat}>
      <Thead>
        <Tr>
          <Th>{words.columns.hour}</Th>
          {WEEKDAYS.map((weekday) => (
            <Th key={weekday}>{weekdayName(weekday)}</Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {HOURS.map((hour) => (
          <Tr key={hour}>
            <Td dataLabel={words.columns.hour}>{hourName(hour)}</Td>
            {WEEKDAYS.map((weekday) => {
              const found = at.get(`${weekday} ${hour}`);
              return (
                <Td key={weekday} dataLabel={weekdayName(weekday)}>
                  {found && inWords(warmth, found)}
                </Td>
              );
            })}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function cellOf(warmth: Warmth, each: HourOfWeek): HeatCell {
  const { weekday, hour } = each;
  const value = valueOf(warmth, each);
  return {
    key: `${weekday} ${hour}`,
    row: weekday - 1,
    column: hour,
    value,
    short: shortNumber(warmth === 'used' ? value * 100 : value),
    said: say(WORDS).heatCell(weekdayName(weekday, 'long'), hourName(hour), inWords(warmth, each)),
  };
}

/** A share of 0 to 1, or kWh. */
function valueOf(warmth: Warmth, { used_s, available_s, energy_wh }: HourOfWeek): number {
  if (warmth === 'energy') return energy_wh / 1000;
  return available_s > 0 ? used_s / available_s : 0;
}

function inWords(warmth: Warmth, each: HourOfWeek): string {
  if (warmth === 'energy') return `${kilowattHours(each.energy_wh)} kWh`;
  return each.available_s > 0 ? percent(valueOf(warmth, each), 1) : '–';
}

/** Nothing, and steps up to a round number that none is above. */
function stepsOf(warmth: Warmth, most: number): { most: number; name: string }[] {
  const said = (value: number) => (warmth === 'used' ? percent(value, 1) : `${numberFormat({ maximumFractionDigits: 3 }).format(value)} kWh`);
  const [nothing, ...upper] = roundTicks(most, STEPS);
  const named = upper.map((value) => ({ most: value * (1 + 1e-9), name: say(WORDS).upTo(said(value)) }));
  return [{ most: 0, name: said(nothing ?? 0) }, ...(most > 0 ? named : [])];
}

/** At most four characters. */
function shortNumber(value: number): string {
  return numberFormat({ maximumFractionDigits: value < 10 ? 1 : 0, notation: value < 1000 ? 'standard' : 'compact' }).format(value);
}
