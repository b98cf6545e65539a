/** Number and time formats of the viewer: made once for a locale, thrown away when it changes. */

let locale: string | undefined;
const numbers = new Map<string, Intl.NumberFormat>();
const times = new Map<string, Intl.DateTimeFormat>();

/** Write numbers and times as this locale does (BCP 47) from now on. */
export function setLocale(tag: string | undefined): void {
  locale = tag;
  numbers.clear();
  times.clear();
}

export function numberFormat(options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return kept(numbers, options, () => new Intl.NumberFormat(locale, options));
}

export function timeFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return kept(times, options, () => new Intl.DateTimeFormat(locale, options));
}

/** What stands between whole and fraction, and between thousands. */
export function separators(): { decimal: string; group: string } {
  const parts = numberFormat({ useGrouping: true }).formatToParts(-12345.6);
  const of = (type: string, usual: string) => parts.find((part) => part.type === type)?.value ?? usual;
  return { decimal: of('decimal', '.'), group: of('group', ',') };
}

function kept<T>(all: Map<string, T>, options: object, make: () => T): T {
  const key = JSON.stringify(options);
  const known = all.get(key) ?? make();
  all.set(key, known);
  return known;
}
