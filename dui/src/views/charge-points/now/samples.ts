/** What a charge point measured last, out of its latest meter values. Pure. */

import type { MeterValue, Sample } from '../types';

export interface Measured {
  readonly unit: string | null;
  /** One value, or those of the phases in their order. */
  readonly values: readonly number[];
}

const PHASES = /^L[123](-N)?$/;

/** The newest samples of a measurand: one, or one for each phase. */
export function measured(newestFirst: readonly MeterValue[], measurand: string): Measured | null {
  for (const { samples } of newestFirst) {
    const own = samples.filter((sample) => sample.measurand === measurand && Number.isFinite(Number(sample.value)));
    const first = own[0];
    if (!first) continue;
    const ofPhases = own.filter(({ phase }) => phase !== null && PHASES.test(phase)).sort(byPhase);
    const chosen = ofPhases.length > 0 ? ofPhases : [own.find(({ phase }) => phase === null) ?? first];
    return { unit: first.unit, values: chosen.map(({ value }) => Number(value)) };
  }
  return null;
}

function byPhase(one: Sample, other: Sample): number {
  return String(one.phase).localeCompare(String(other.phase));
}
