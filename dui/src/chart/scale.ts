/** Scales with round numbers. */

const STEPS = [1, 2, 2.5, 5, 10];

/** Round values from 0 to the first that is not below `most`, about `parts` of them; 0 and 1 where there is nothing. */
export function roundTicks(most: number, parts = 4, isWhole = false): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  const found = (STEPS.find((step) => step * power >= rough * (1 - 1e-9)) ?? 10) * power;
  const step = isWhole ? Math.max(1, Math.ceil(found)) : found;
  const count = Math.max(1, Math.ceil((most / step) * (1 - 1e-9)));
  return Array.from({ length: count + 1 }, (_, place) => Number((place * step).toPrecision(12)));
}

/** Which of some labels are written so that each has `room`, counted from the first. */
export function labelStride(count: number, width: number, room: number): number {
  return Math.max(1, Math.ceil((count * room) / Math.max(width, 1)));
}
