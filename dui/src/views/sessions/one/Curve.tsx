import { useMemo } from 'react';
import { PowerCurve } from '../../../chart/PowerCurve';
import { count, kilowatts } from '../../../format/units';
import { Panel } from '../../../parts/Panel';
import type { CurvePoint } from '../../../wire/types';
import { say } from '../../../words/language';
import type { Reading } from '../types';
import { WORDS } from './words';

/** The power and the energy of each reading that was kept. */
export function Curve({ readings }: { readings: readonly Reading[] }) {
  const words = say(WORDS);
  const points = useMemo(() => pointsOf(readings), [readings]);
  const peak = readings.reduce((most, { power_w }) => Math.max(most, power_w ?? 0), 0);
  if (points.length === 0) {
    return (
      <Panel title={words.curve}>
        <p className="console-hint">{words.noCurve}</p>
      </Panel>
    );
  }
  return (
    <Panel title={words.curve}>
      <p className="console-hint">{words.readings(count(readings.length), kilowatts(peak) ?? '')}</p>
      <PowerCurve points={points} />
    </Panel>
  );
}

/** Readings as the curve is drawn: energy from the first one on. */
function pointsOf(readings: readonly Reading[]): CurvePoint[] {
  const start = readings[0]?.energy_wh ?? 0;
  return readings.map(({ at_ms, energy_wh, power_w }) => ({ t: at_ms, energy_wh: energy_wh - start, power_w }));
}
