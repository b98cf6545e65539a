/** A tariff in words, and what a deposit buys of it. */
import type { Tariff, Token } from '../noroam/types';
import { exactPrice } from './format';
import { words } from './words';

interface Window {
  days?: string[];
  start: string;
  end: string;
  per_kwh?: string | null;
  per_minute?: string | null;
}

/** The price of energy alone: what stands large. */
export function perKwh(tariff: Tariff, token: Token): string {
  return words.tariff.perKwh(exactPrice(tariff.per_kwh, token));
}

/** Everything else that may be due, a sentence each; empty where energy is all. */
export function furtherTerms(tariff: Tariff, token: Token): string[] {
  const price = (name: string) => text(tariff, name);
  const shown = (name: string) => exactPrice(price(name), token);
  const said: string[] = [];
  if (isSet(tariff, 'per_session')) said.push(words.tariff.perSession(shown('per_session')));
  if (isSet(tariff, 'per_minute')) said.push(words.tariff.perMinute(shown('per_minute')));
  if (isSet(tariff, 'idle_per_minute')) {
    said.push(words.tariff.idle(shown('idle_per_minute'), Number(tariff['idle_grace_minutes'] ?? 0)));
  }
  for (const window of windows(tariff)) said.push(windowTerm(window, tariff, token));
  if (isSet(tariff, 'minimum')) said.push(words.tariff.minimum(shown('minimum')));
  if (isSet(tariff, 'maximum')) said.push(words.tariff.maximum(shown('maximum')));
  if (isSet(tariff, 'tax_percent')) said.push(words.tariff.tax(price('tax_percent')));
  return said;
}

/** Wh that an amount buys, rounded down; `about` where time or the hour of the day also counts. */
export function energyFor(amount: bigint, tariff: Tariff): { wh: number; about: boolean } {
  const about =
    windows(tariff).length > 0 ||
    ['per_minute', 'idle_per_minute', 'minimum', 'maximum'].some((name) => isSet(tariff, name));
  const tax = fraction(text(tariff, 'tax_percent'));
  const fee = fraction(text(tariff, 'per_session'));
  const price = fraction(tariff.per_kwh);
  if (price.above === 0n) return { wh: Number.POSITIVE_INFINITY, about };
  const [net, gross] = [100n * tax.below, 100n * tax.below + tax.above];
  const left = amount * net * fee.below - fee.above * gross;
  if (left <= 0n) return { wh: 0, about };
  return { wh: Number((left * 1000n * price.below) / (price.above * fee.below * gross)), about };
}

/** What a number of Wh costs, rounded up: to suggest a deposit, not to pay by. */
export function depositFor(wh: number, tariff: Tariff): bigint {
  const tax = fraction(text(tariff, 'tax_percent'));
  const fee = fraction(text(tariff, 'per_session'));
  const price = fraction(tariff.per_kwh);
  const [net, gross] = [100n * tax.below, 100n * tax.below + tax.above];
  const above = (price.above * BigInt(wh) * fee.below + fee.above * price.below * 1000n) * gross;
  const below = price.below * 1000n * fee.below * net;
  return (above + below - 1n) / below;
}

/** Two leading digits, rounded up: an amount that a person would choose. */
export function roundUp(amount: bigint): bigint {
  const step = 10n ** BigInt(Math.max(0, amount.toString().length - 2));
  return ((amount + step - 1n) / step) * step;
}

function windowTerm(window: Window, tariff: Tariff, token: Token): string {
  const prices: string[] = [];
  if (window.per_kwh != null) prices.push(words.tariff.perKwh(exactPrice(window.per_kwh, token)));
  if (window.per_minute != null) {
    prices.push(words.tariff.minutePrice(exactPrice(window.per_minute, token)));
  }
  const days = window.days && window.days.length < 7 ? window.days : [];
  return words.tariff.window(prices, window.start, window.end, days, text(tariff, 'timezone', 'UTC'));
}

function windows(tariff: Tariff): Window[] {
  return Array.isArray(tariff['windows']) ? (tariff['windows'] as Window[]) : [];
}

function isSet(tariff: Tariff, name: string): boolean {
  return /[1-9]/.test(text(tariff, name));
}

function text(tariff: Tariff, name: string, otherwise = '0'): string {
  const value = tariff[name];
  return value == null ? otherwise : String(value);
}

function fraction(decimal: string): { above: bigint; below: bigint } {
  const [whole = '0', part = ''] = decimal.split('.');
  return { above: BigInt(whole + part), below: 10n ** BigInt(part.length) };
}
