/** The thresholds of alerts as a person types them, and as the API takes them. Pure. */

import { inSmallestUnit, inTokens } from '../../charge-points/settings/tariff';
import type { AlertKind } from '../../../wire/types';
import { wholeNumber } from '../numbers';
import type { AlertSettings } from '../types';

export const SECONDS = ['offline_seconds', 'faulted_seconds', 'chain_down_seconds', 'low_balance_seconds', 'clear_seconds'] as const;
export const BALANCES = ['gas_balance_below', 'station_balance_below'] as const;
const NUMBERS = [...SECONDS, 'hysteresis_percent'] as const;
const MOST: Record<(typeof NUMBERS)[number], number> = {
  offline_seconds: 86_400,
  faulted_seconds: 86_400,
  chain_down_seconds: 86_400,
  low_balance_seconds: 86_400,
  clear_seconds: 86_400,
  hysteresis_percent: 1_000,
};

export type DraftField = (typeof NUMBERS)[number] | (typeof BALANCES)[number];
export type ThresholdDraft = Record<DraftField, string> & { muted: readonly AlertKind[] };

/** What the service starts with. */
export const DEFAULTS: AlertSettings = {
  offline_seconds: 120,
  faulted_seconds: 30,
  chain_down_seconds: 60,
  low_balance_seconds: 60,
  clear_seconds: 10,
  gas_balance_below: null,
  station_balance_below: null,
  hysteresis_percent: 10,
  muted: [],
};

export function draftOf(settings: AlertSettings, decimals: number): ThresholdDraft {
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, String(settings[name])])) as Record<DraftField, string>;
  const balances = Object.fromEntries(
    BALANCES.map((name) => {
      const money = settings[name];
      return [name, money === null ? '' : inTokens(money, decimals)];
    }),
  );
  return { ...numbers, ...balances, muted: settings.muted };
}

/** The settings that a draft means, and the fields that mean nothing. */
export function settingsOf(draft: ThresholdDraft, decimals: number): { settings: AlertSettings; wrong: DraftField[] } {
  const wrong: DraftField[] = [];
  const settings: AlertSettings = { ...DEFAULTS, muted: [...draft.muted] };
  for (const name of NUMBERS) {
    const number = wholeNumber(draft[name], 0, MOST[name]);
    if (number === null) wrong.push(name);
    else settings[name] = number;
  }
  for (const name of BALANCES) {
    if (!draft[name].trim()) continue;
    const money = inSmallestUnit(draft[name], decimals);
    if (money === null || money.includes('.')) wrong.push(name);
    else settings[name] = money;
  }
  return { settings, wrong };
}
