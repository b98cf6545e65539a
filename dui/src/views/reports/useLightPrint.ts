import { useEffect } from 'react';
import { DARK_CLASS } from '../../theme';

/** Wear the light theme while the page is printed: paper is white. */
export function useLightPrint(): void {
  useEffect(() => {
    const { classList } = document.documentElement;
    let wasDark = false;
    const begin = () => {
      wasDark = classList.contains(DARK_CLASS);
      classList.remove(DARK_CLASS);
    };
    const end = () => classList.toggle(DARK_CLASS, wasDark);
    window.addEventListener('beforeprint', begin);
    window.addEventListener('afterprint', end);
    return () => {
      window.removeEventListener('beforeprint', begin);
      window.removeEventListener('afterprint', end);
    };
  }, []);
}
