/** Light or dark: as the system says, or as was chosen here. */

/** PatternFly's own name for the dark theme, on the root element. */
export const DARK_CLASS = 'pf-v6-theme-dark';
const STORED_AS = 'noroam.theme';

export type Theme = 'system' | 'light' | 'dark';

const listeners = new Set<() => void>();
let chosen: Theme = 'system';

const media = () => window.matchMedia('(prefers-color-scheme: dark)');

/** Wear the chosen theme, and the system's when it changes while the page is open. */
export function startTheme(): void {
  chosen = stored();
  wear();
  media().addEventListener('change', wear);
}

export function theme(): Theme {
  return chosen;
}

export function chooseTheme(next: Theme): void {
  chosen = next;
  try {
    localStorage.setItem(STORED_AS, next);
  } catch {
    // A browser that keeps nothing follows the system again next time.
  }
  wear();
}

/** Call back after each change of theme; gives the function that ends it. */
export function onThemeChange(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

function wear(): void {
  const dark = chosen === 'dark' || (chosen === 'system' && media().matches);
  document.documentElement.classList.toggle(DARK_CLASS, dark);
  for (const changed of listeners) changed();
}

function stored(): Theme {
  try {
    const found = localStorage.getItem(STORED_AS);
    return found === 'light' || found === 'dark' ? found : 'system';
  } catch {
    return 'system';
  }
}
