const PATHS = {
  back: 'M15 5l-7 7 7 7',
  forward: 'M9 5l7 7-7 7',
  close: 'M6 6l12 12M18 6L6 18',
  scan: 'M4 8V5a1 1 0 011-1h3M16 4h3a1 1 0 011 1v3M20 16v3a1 1 0 01-1 1h-3M8 20H5a1 1 0 01-1-1v-3M4 12h16',
  bolt: 'M13 3L5 14h6l-1 7 8-11h-6z',
  shield: 'M12 3l7 3v5c0 4.6-2.9 8.3-7 10-4.1-1.7-7-5.4-7-10V6zM9 12l2.2 2.2L15.2 10',
  stop: 'M8 4h8l4 4v8l-4 4H8l-4-4V8zM9 9l6 6M15 9l-6 6',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  warning: 'M12 4l9 16H3zM12 10v4.5M12 17.4v.1',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
  plug: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 01-12 0zM12 17v4',
  wallet: 'M4 7.5A2.5 2.5 0 016.5 5H18v3M4 7.5V17a2 2 0 002 2h14V8H6a2 2 0 01-2-.5zM16 13.5h.1',
  lock: 'M7 11V8a5 5 0 0110 0v3M5 11h14v9H5zM12 15v2',
  offline: 'M3 3l18 18M8.5 16a5 5 0 015-1.3M5 12.5a10 10 0 014-2.3M2 9a15 15 0 014.5-2.8M12 5c3.8 0 7.3 1.5 10 4M16 11.2c1.1.4 2.1.8 3 1.6M12 20h.01',
  hub: 'M12 9a3 3 0 100 6 3 3 0 000-6zM4 6l5.5 4M20 6l-5.5 4M12 15v5',
  link: 'M9 15l6-6M10 6l1.5-1.5a4.2 4.2 0 016 6L16 12M14 18l-1.5 1.5a4.2 4.2 0 01-6-6L8 12',
  share: 'M12 15V4M8 8l4-4 4 4M5 12v7h14v-7',
  download: 'M12 4v11M8 11l4 4 4-4M5 20h14',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  pin: 'M12 21c4-4.4 6-7.7 6-10.5a6 6 0 10-12 0C6 13.3 8 16.6 12 21zM12 8.5a2 2 0 100 4 2 2 0 000-4z',
  clock: 'M12 4a8 8 0 100 16 8 8 0 000-16zM12 8v4.5l3 1.8',
  minus: 'M6 12h12',
  plus: 'M6 12h12M12 6v12',
} as const;

export type IconName = keyof typeof PATHS;

/** A line icon beside words that say the same. */
export function Icon({ name, size = 24 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
