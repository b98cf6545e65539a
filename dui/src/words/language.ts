/** The page's language: all texts stand in catalogues that have the same entries in each language. */

export type Language = 'en' | 'de';

export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

/** Texts in each language; German must have the type of English, so that none can be missing. */
export type Catalogue<T> = Readonly<Record<Language, T>>;

const STORED_AS = 'noroam.language';

let present: Language = 'en';

/** The language that the page speaks now; the page is built anew when it changes. */
export function language(): Language {
  return present;
}

/** The texts of a catalogue in the present language; call it while rendering. */
export function say<T>(catalogue: Catalogue<T>): T {
  return catalogue[present];
}

/** Speak `chosen` from now on, in the viewer's own variety where the browser names one. */
export function speak(chosen: Language): void {
  present = chosen;
  document.documentElement.lang = chosen;
}

/** What was chosen here before, else the first of the browser's languages that the page speaks. */
export function preferredLanguage(): Language {
  const stored = readStored();
  if (isLanguage(stored)) return stored;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en';
}

export function rememberLanguage(chosen: Language): void {
  try {
    localStorage.setItem(STORED_AS, chosen);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

/** The locale for numbers and times: the browser's own variety of the language, else just that. */
export function localeOf(chosen: Language): string {
  return navigator.languages.find((tag) => tag.slice(0, 2) === chosen) ?? chosen;
}

function isLanguage(tag: unknown): tag is Language {
  return tag === 'en' || tag === 'de';
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORED_AS);
  } catch {
    return null;
  }
}
