/** Whether charge points are shown as tiles or as a table; remembered in this browser. */
export type Look = 'tiles' | 'table';

const STORED_AS = 'noroam.charge-points.look';

export function rememberedLook(): Look {
  try {
    return localStorage.getItem(STORED_AS) === 'table' ? 'table' : 'tiles';
  } catch {
    return 'tiles';
  }
}

export function rememberLook(look: Look): void {
  try {
    localStorage.setItem(STORED_AS, look);
  } catch {
    // A browser that keeps nothing shows tiles again next time.
  }
}
