import { instant, SECOND, type Instant } from './instant';
import { usageOfEnergy, type Usage } from './price';
import { Rational } from './rational';
import { timeBySlot, type Terms } from './tariff';

const TOLERANCE = 10n * SECOND;
const HOUR = 3600n * SECOND;

/** What the app knows by itself about what can have flowed. */
export interface Bounds {
  /** The most that flows, in W. */
  powerW: number;
  /** How much faster than the clock energy may come. */
  speed: number;
  /** When the app asked for the session. */
  askedAt: Instant;
}

/** Why this usage can't be true, after the one before; null where it can. */
export function whyImpossible(
  terms: Terms,
  usage: Usage,
  before: Usage | null,
  bounds: Bounds,
  now: Instant,
): string | null {
  try {
    const energy = usage.energy.map((text) => Rational.parse(text));
    return (
      wrongSum(terms, usage, energy) ??
      goesBack(usage, energy, before) ??
      tooMuch(energy, bounds, now) ??
      (isTimed(usage)
        ? (wrongTimes(usage, bounds, now) ?? tooFast(terms, usage, energy, before, bounds))
        : null)
    );
  } catch (error) {
    return `it can't be read: ${String(error)}`; // RangeError or TypeError.
  }
}

/** Where a status, a proposal or a receipt tells what was used. */
export interface Told {
  usage?: Usage | null;
  meter_start_wh?: number | null;
}

/** The usage that a status or proposal tells; it may leave it out where energy is all that counts. */
export function toldUsage(terms: Terms, told: Told, meterWh: number): Usage {
  if (told.usage) return told.usage;
  return usageOfEnergy(terms, told.meter_start_wh ?? 0, meterWh);
}

/** The most Wh that a time allows. */
export function mostWh(bounds: Bounds, time: bigint): Rational {
  const { powerW, speed } = bounds;
  const perHour = new Rational(BigInt(powerW)).times(
    new Rational(BigInt(Math.ceil(speed * 1000)), 1000n),
  );
  return perHour.times(new Rational(time > 0n ? time : 0n, HOUR));
}

function isTimed(usage: Usage): boolean {
  return usage.started_at !== '1970-01-01T00:00:00Z';
}

function wrongSum(terms: Terms, usage: Usage, energy: Rational[]): string | null {
  if (energy.length !== terms.windows.length + 1) return 'its slots are not those of the tariff';
  const all = energy.reduce((total, wh) => total.plus(wh), Rational.ZERO);
  const read = new Rational(BigInt(usage.meter_wh - usage.meter_start_wh));
  return all.compare(read) === 0 ? null : 'the energy of its slots is not what the meter shows';
}

function goesBack(usage: Usage, energy: Rational[], before: Usage | null): string | null {
  if (!before) return null;
  if (usage.meter_start_wh !== before.meter_start_wh) return 'the reading at the start has changed';
  const back = before.energy.some((wh, slot) => energy[slot]!.compare(Rational.parse(wh)) < 0);
  return back ? 'the energy has gone back' : null;
}

function tooMuch(energy: Rational[], bounds: Bounds, now: Instant): string | null {
  const all = energy.reduce((total, wh) => total.plus(wh), Rational.ZERO);
  const most = mostWh(bounds, now - bounds.askedAt + TOLERANCE);
  return all.compare(most) > 0 ? 'more energy than can have flowed' : null;
}

function wrongTimes(usage: Usage, bounds: Bounds, now: Instant): string | null {
  const [started, until] = [instant(usage.started_at), instant(usage.until)];
  if (started < bounds.askedAt - TOLERANCE) return 'it begins before the app asked';
  if (until > now + TOLERANCE || instant(usage.read_at) > now + TOLERANCE)
    return 'it is of the future';
  if (until < started) return 'it ends before it begins';
  let idle = 0n;
  for (const [from, to] of usage.idle ?? []) {
    const [begins, ends] = [instant(from), to === null ? until : instant(to)];
    if (begins < started - TOLERANCE || ends > until + TOLERANCE)
      return 'the car was full before or after it';
    idle += ends > begins ? ends - begins : 0n;
  }
  return idle > until - started + TOLERANCE
    ? 'the car was full for longer than it was there'
    : null;
}

function tooFast(
  terms: Terms,
  usage: Usage,
  energy: Rational[],
  before: Usage | null,
  bounds: Bounds,
): string | null {
  const from = instant(before && isTimed(before) ? before.read_at : usage.started_at);
  const times = timeBySlot(terms, from, instant(usage.read_at));
  const fast = energy.some((wh, slot) => {
    const gained = wh.minus(Rational.parse(before?.energy[slot] ?? '0'));
    return gained.compare(mostWh(bounds, times[slot]! + TOLERANCE)) > 0;
  });
  return fast ? 'a slot gained more energy than its time allows' : null;
}
