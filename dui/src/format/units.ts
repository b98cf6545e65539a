/** Power, energy, times and long hexadecimal names, as a person reads them. */

import { numberFormat, timeFormat } from './locale';

const kilo = () => numberFormat({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
const fine = () => numberFormat({ minimumFractionDigits: 3, maximumFractionDigits: 3 });
const clock = () => timeFormat({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dated = () => timeFormat({ dateStyle: 'medium', timeStyle: 'medium' });
const day = () => timeFormat({ dateStyle: 'medium' });
/** From so many on, hours are told as days. */
const HOURS_AS_DAYS = 48;

/** "11.0 kW" as number and unit; null where there is no reading. */
export function kilowatts(powerW: number | null | undefined): string | null {
  return powerW == null ? null : kilo().format(powerW / 1000);
}

/** Energy in kWh to the watt-hour. */
export function kilowattHours(energyWh: number | null | undefined): string | null {
  return energyWh == null ? null : fine().format(energyWh / 1000);
}

/** Energy in kWh with no more digits than it has: "20", "12.345". */
export function plainKilowattHours(energyWh: number): string {
  return numberFormat({ maximumFractionDigits: 3 }).format(energyWh / 1000);
}

export function count(value: number): string {
  return numberFormat().format(value);
}

/** The time of day of a moment in the viewer's zone; what is no moment stays as it is. */
export function timeOfDay(moment: string | null | undefined): string {
  return format(clock(), moment);
}

/** Day and time of a moment in the viewer's zone. */
export function dayAndTime(moment: string | null | undefined): string {
  return format(dated(), moment);
}

/** The day of a moment in the viewer's zone. */
export function dayOf(moment: string | null | undefined): string {
  return format(day(), moment);
}

/** A share (0 to 1) in percent: "12 %". */
export function percent(share: number, digits = 0): string {
  return numberFormat({ style: 'percent', maximumFractionDigits: digits }).format(share);
}

/** Shorten a long name in its middle: 0x1234…cdef. */
export function shortened(name: string, head = 8, tail = 6): string {
  return name.length <= head + tail + 1 ? name : `${name.slice(0, head)}…${name.slice(-tail)}`;
}

/** How long ago or between two moments: "3 d 04 h" from 48 h on, "1 h 02 min", "3 min 20 s", "12 s". */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const hours = Math.floor(seconds / 3600);
  if (hours < HOURS_AS_DAYS) return `${hours} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  return `${count(Math.floor(hours / 24))} d ${two(hours % 24)} h`;
}

function format(formatter: Intl.DateTimeFormat, moment: string | null | undefined): string {
  if (!moment) return '';
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? moment : formatter.format(date);
}
