import { useEffect, useRef, useState } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { onThemeChange } from '../theme';
import type { CurvePoint } from '../wire/types';
import { say } from '../words/language';
import { curveColumns, curveSummary } from './curveData';
import { CURVE_HEIGHT, curveColors, curveOptions } from './curveOptions';
import { WORDS } from './words';

/** The live curve of power and energy. */
export function PowerCurve({ points }: { points: CurvePoint[] }) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const newest = useRef(points);
  const theme = useThemeCount();

  useEffect(() => {
    newest.current = points;
    plot.current?.setData(curveColumns(points));
  }, [points]);

  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const font = getComputedStyle(element).fontFamily;
    const drawn = new UPlot(
      curveOptions(element.clientWidth, curveColors(element), font),
      curveColumns(newest.current),
      element,
    );
    plot.current = drawn;
    const resized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: CURVE_HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [theme]);

  return (
    <figure className="console-curve">
      <div ref={holder} aria-hidden="true" />
      {points.length === 0 && <p className="console-curve-empty console-hint">{say(WORDS).begins}</p>}
      <figcaption className="pf-v6-screen-reader">{curveSummary(points)}</figcaption>
    </figure>
  );
}

/** Changes with the theme, so that the canvas is drawn again in its colours. */
function useThemeCount(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => onThemeChange(() => setChanges((before) => before + 1)), []);
  return changes;
}
