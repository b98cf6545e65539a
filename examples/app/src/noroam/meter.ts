import { now, toText, type Instant } from './instant';
import type { Offer } from './offer';
import { price, type Usage } from './price';
import type { Content } from './signed';
import { toldUsage, whyImpossible, type Bounds, type Told } from './usage';
import type { SessionView } from './types';

const CURVE_POINTS = 600;

/** What a status says was used, once it was found to be possible. */
export interface Metered {
  usage: Usage;
  cost: bigint;
}

/** Reads the usage of a status; null where there is none yet, or why it can't be true. */
export function readMeter(
  status: Content,
  offer: Offer,
  before: Usage | null,
  bounds: Bounds,
  at: Instant,
): Metered | string | null {
  const told = status as Told;
  if (told.meter_start_wh == null) return null;
  const { terms, deposit } = offer;
  try {
    const usage = toldUsage(terms, told, Number(status.meter_wh ?? told.meter_start_wh));
    const wrong = whyImpossible(terms, usage, before, bounds, at);
    return wrong ?? { usage, cost: price(terms, usage, deposit) };
  } catch (error) {
    return `the usage can't be read: ${String(error)}`; // RangeError or TypeError.
  }
}

/** What is shown of it. */
export function meterView(
  status: Content,
  { usage, cost }: Metered,
  view: SessionView,
): Partial<SessionView> {
  const energyWh = usage.meter_wh - usage.meter_start_wh;
  const powerW = Number(status.power_w ?? 0);
  const at = new Date(String(status.sampled_at ?? toText(now())));
  const curve = [...view.curve, { at, powerW, energyWh }].slice(-CURVE_POINTS);
  return { cost, energyWh, powerW, curve, remaining: view.deposit - cost };
}
