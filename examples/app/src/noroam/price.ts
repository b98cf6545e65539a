import { instant, MINUTE, SECOND } from './instant';
import { Rational } from './rational';
import { energyAlone, slotPrices, timeBySlot, type Terms } from './tariff';
import type { PriceLine } from './types';

/** What a session used, as the station tells it. */
export interface Usage {
  started_at: string;
  until: string;
  meter_start_wh: number;
  meter_wh: number;
  read_at: string;
  energy: string[];
  idle?: [string, string | null][] | null;
}

/** Usage of a tariff whose price follows from the energy alone. Raises RangeError. */
export function usageOfEnergy(terms: Terms, meterStartWh: number, meterWh: number): Usage {
  if (!energyAlone(terms)) throw new RangeError('the price does not follow from the energy alone');
  const never = '1970-01-01T00:00:00Z';
  return {
    started_at: never,
    until: never,
    read_at: never,
    meter_start_wh: meterStartWh,
    meter_wh: meterWh,
    energy: [String(meterWh - meterStartWh)],
  };
}

/** The lines of a price, in the order of the receipt. */
export function priceLines(terms: Terms, usage: Usage): PriceLine[] {
  const prices = slotPrices(terms);
  const energy = usage.energy.map((text) => Rational.parse(text));
  if (energy.length !== prices.length)
    throw new RangeError('the slots are not those of the tariff');
  const flowed = energy.some((wh) => wh.num > 0n);
  const slot = (index: number) => (terms.windows.length ? { window: index } : {});
  const lines: PriceLine[] = [];
  const add = (
    item: string,
    quantity: bigint,
    unit: string,
    price: string,
    amount: bigint,
    more = {},
  ) => {
    lines.push({ kind: item, item, quantity, unit, price, amount, ...more });
  };

  energy.forEach((wh, index) => {
    const price = prices[index]!.perKwh;
    const amount = Rational.parse(price).times(wh).times(THOUSANDTH).floor();
    const isFirst = index === 0 && !flowed; // Where nothing flowed, one line says so.
    if (wh.num > 0n || isFirst) add('energy', wh.floor(), 'Wh', price, amount, slot(index));
  });
  if (flowed && isSet(terms.perSession)) {
    add('session', 1n, 'session', terms.perSession, Rational.parse(terms.perSession).floor());
  }
  timeBySlot(terms, instant(usage.started_at), instant(usage.until)).forEach((time, index) => {
    const price = prices[index]!.perMinute;
    if (time > 0n && isSet(price))
      add('time', time / SECOND, 's', price, perMinute(price, time), slot(index));
  });
  const idle = idleBeyondGrace(terms, usage);
  if (flowed && idle > 0n && isSet(terms.idlePerMinute)) {
    add('idle', idle / SECOND, 's', terms.idlePerMinute, perMinute(terms.idlePerMinute, idle));
  }
  const { minimum, maximum } = terms;
  if (flowed && sum(lines) < minimum)
    add('minimum', 1n, 'session', String(minimum), minimum - sum(lines));
  if (maximum !== null && sum(lines) > maximum) {
    add('maximum', 1n, 'session', String(maximum), maximum - sum(lines));
  }
  const net = sum(lines);
  if (isSet(terms.taxPercent) && net > 0n) {
    const percent = Rational.parse(terms.taxPercent);
    const tax = percent.times(new Rational(net, 100n)).floor();
    add('tax', percent.times(new Rational(10_000n)).floor(), 'ppm', String(net), tax);
  }
  return lines;
}

/** The price: the sum of the lines, and never more than the deposit. */
export function price(terms: Terms, usage: Usage, deposit: bigint): bigint {
  const total = sum(priceLines(terms, usage));
  return total < deposit ? total : deposit;
}

export function sum(lines: PriceLine[]): bigint {
  return lines.reduce((total, line) => total + line.amount, 0n);
}

const THOUSANDTH = new Rational(1n, 1000n);

function isSet(price: string): boolean {
  return Rational.parse(price).num > 0n;
}

function perMinute(price: string, time: bigint): bigint {
  return Rational.parse(price).times(new Rational(time, MINUTE)).floor();
}

function idleBeyondGrace(terms: Terms, usage: Usage): bigint {
  const until = instant(usage.until);
  const times = (usage.idle ?? []).map(([from, to]) => {
    const end = to === null ? until : instant(to);
    return end - instant(from);
  });
  const all = times.reduce((total, time) => total + (time > 0n ? time : 0n), 0n);
  const beyond = all - BigInt(terms.idleGraceMinutes) * MINUTE;
  return beyond > 0n ? beyond : 0n;
}
