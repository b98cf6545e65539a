const DARK_CLASS = 'pf-v6-theme-dark';
const query = () => window.matchMedia('(prefers-color-scheme: dark)');

/** Wear the system's theme, also when it changes while the page is open. */
export function followSystemTheme(): void {
  const wear = () => document.documentElement.classList.toggle(DARK_CLASS, query().matches);
  wear();
  query().addEventListener('change', wear);
}

/** Call back after each change of theme; gives the function that ends it. */
export function onThemeChange(changed: () => void): () => void {
  const media = query();
  media.addEventListener('change', changed);
  return () => media.removeEventListener('change', changed);
}
