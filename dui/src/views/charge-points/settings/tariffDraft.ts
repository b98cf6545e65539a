/** The tariff as it stands in the form, in whole tokens; how it is read and written. Pure. */

import type { TariffTold, TariffWindow } from '../types';
import { inSmallestUnit, inTokens } from './tariff';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export interface WindowDraft {
  readonly start: string;
  readonly end: string;
  readonly days: readonly string[];
  readonly perKwh: string;
  readonly perMinute: string;
}

export interface TariffDraft {
  readonly perKwh: string;
  readonly perSession: string;
  readonly perMinute: string;
  readonly idle: string;
  readonly grace: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly tax: string;
  readonly timezone: string;
  readonly windows: readonly WindowDraft[];
}

export const NEW_WINDOW: WindowDraft = { start: '22:00', end: '06:00', days: DAYS, perKwh: '', perMinute: '' };

/** Where in the form something is wrong: a field's name, or `windows/0/start`. */
export type TariffFault = 'price' | 'tax' | 'number' | 'bounds' | 'time' | 'days';
export type TariffFaults = Readonly<Record<string, TariffFault>>;

export function draftOfTariff(tariff: TariffTold, decimals: number): TariffDraft {
  const shown = (price: string | null | undefined) => (price == null ? '' : inTokens(price, decimals));
  return {
    perKwh: shown(tariff.per_kwh),
    perSession: shown(tariff.per_session ?? '0'),
    perMinute: shown(tariff.per_minute ?? '0'),
    idle: shown(tariff.idle_per_minute ?? '0'),
    grace: String(tariff.idle_grace_minutes ?? 0),
    minimum: shown(tariff.minimum ?? '0'),
    maximum: shown(tariff.maximum),
    tax: tariff.tax_percent ?? '0',
    timezone: tariff.timezone ?? 'UTC',
    windows: (tariff.windows ?? []).map((window) => ({
      start: window.start,
      end: window.end,
      days: window.days ?? DAYS,
      perKwh: shown(window.per_kwh),
      perMinute: shown(window.per_minute),
    })),
  };
}

/** Read the form: the tariff, and what is wrong in it (then the tariff is not to be used). */
export function tariffOf(draft: TariffDraft, decimals: number): { tariff: TariffTold; faults: TariffFaults } {
  const faults: Record<string, TariffFault> = {};
  const price = (name: string, text: string): string => {
    const read = inSmallestUnit(text, decimals);
    if (read === null) faults[name] = 'price';
    return read ?? '0';
  };
  const amount = (name: string, text: string): string => {
    const read = price(name, text);
    if (read.includes('.')) faults[name] = 'price';
    return read.split('.')[0] ?? '0';
  };
  const windows = draft.windows.map((window, place) => windowOf(window, `windows/${place}`, price, faults));
  const tariff: TariffTold = {
    per_kwh: price('perKwh', draft.perKwh),
    per_session: price('perSession', draft.perSession),
    per_minute: price('perMinute', draft.perMinute),
    idle_per_minute: price('idle', draft.idle),
    idle_grace_minutes: Number(draft.grace),
    minimum: amount('minimum', draft.minimum),
    maximum: draft.maximum.trim() === '' ? null : amount('maximum', draft.maximum),
    tax_percent: draft.tax.trim().replace(',', '.'),
    windows,
    timezone: draft.timezone.trim(),
  };
  if (!/^\d{1,6}$/.test(draft.grace.trim())) faults.grace = 'number';
  if (!/^\d{1,3}(\.\d{1,4})?$/.test(tariff.tax_percent ?? '') || Number(tariff.tax_percent) > 100) faults.tax = 'tax';
  const hasBounds = !faults.minimum && !faults.maximum && tariff.maximum != null;
  if (hasBounds && BigInt(tariff.minimum ?? 0) > BigInt(tariff.maximum ?? 0)) faults.maximum = 'bounds';
  return { tariff, faults };
}

function windowOf(
  window: WindowDraft,
  at: string,
  price: (name: string, text: string) => string,
  faults: Record<string, TariffFault>,
): TariffWindow {
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(window.start)) faults[`${at}/start`] = 'time';
  if (!/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(window.end)) faults[`${at}/end`] = 'time';
  if (window.days.length === 0) faults[`${at}/days`] = 'days';
  const own = (name: string, text: string) => (text.trim() === '' ? null : price(`${at}/${name}`, text));
  return {
    start: window.start,
    end: window.end,
    days: [...window.days],
    per_kwh: own('perKwh', window.perKwh),
    per_minute: own('perMinute', window.perMinute),
  };
}
