/** A moment: microseconds since 1970. */
export type Instant = bigint;

export const SECOND = 1_000_000n;
export const MINUTE = 60n * SECOND;

/** Reads RFC 3339, down to the microsecond. Raises RangeError. */
export function instant(text: string): Instant {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const milliseconds = found ? Date.parse(`${found[1]}${found[3]}`) : Number.NaN;
  if (!found || Number.isNaN(milliseconds))
    throw new RangeError(`not a time: ${text.slice(0, 40)}`);
  const fraction = (found[2] ?? '').padEnd(6, '0').slice(0, 6);
  return BigInt(milliseconds) * 1000n + BigInt(fraction);
}

/** The app's own clock. */
export function now(): Instant {
  return BigInt(Date.now()) * 1000n;
}

export function toDate(moment: Instant): Date {
  return new Date(Number(moment / 1000n));
}

/** Seconds since 1970, as block times are. */
export function toSeconds(moment: Instant): number {
  return Number(moment / SECOND);
}

export function toText(moment: Instant): string {
  return toDate(moment).toISOString();
}
