/** Swagger UI's own class; it has no other way to follow the system. */
const DARK_CLASS = 'dark-mode';

/** Wear the system's theme, also when it changes while the page is open. */
export function followSystemTheme(): void {
  const media = window.matchMedia('(prefers-color-scheme: dark)');
  const wear = () => document.documentElement.classList.toggle(DARK_CLASS, media.matches);
  wear();
  media.addEventListener('change', wear);
}
