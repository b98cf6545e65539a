import type { Station } from '../noroam/types';
import { words } from './words';

/** What to call a station: its name, or else its charge point's id. */
export function nameOf(station: Station | undefined): string {
  return station?.name || station?.chargePointId || words.receipt.station;
}
