const MORE_ROWS = 10;

/** Tell which rows, all of one height, are to be drawn: those in sight and some beside them. */
export function inSight(top: number, height: number, row: number, count: number): { first: number; last: number } {
  const at = Math.min(Math.max(0, Math.floor(top / row)), Math.max(0, count - 1));
  return { first: Math.max(0, at - MORE_ROWS), last: Math.min(count, at + Math.ceil(height / row) + MORE_ROWS) };
}
