import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot, { type AlignedData, type Options } from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { SessionView } from '../../noroam/types';
import { energy, power } from '../format';
import { words } from '../words';

type Curve = SessionView['curve'];

const HEIGHT = 140;
const say = words.session;

/** The power of a session over time. */
export function PowerCurve({ curve }: { curve: Curve }) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const newest = useRef(curve);
  const scheme = useScheme();
  const drawable = curve.length > 1;

  useEffect(() => {
    newest.current = curve;
    plot.current?.setData(columns(curve));
  }, [curve, curve.length]);

  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const drawn = new UPlot(options(element), columns(newest.current), element);
    plot.current = drawn;
    const resized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [scheme, drawable]);

  if (!drawable) return <p class="hint">{say.noCurve}</p>;
  return (
    <figure class="curve">
      <div ref={holder} aria-hidden="true" />
      <figcaption class="unseen">{said(curve)}</figcaption>
    </figure>
  );
}

function columns(curve: Curve): AlignedData {
  return [curve.map(({ at }) => at.getTime() / 1000), curve.map(({ powerW }) => powerW / 1000)];
}

/** uPlot draws on a canvas, where no style reaches: it is told the colours. */
function options(element: HTMLElement): Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: color('muted'),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: color('line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.15 : 1] } },
    axes: [
      { ...axis, grid: { show: false }, space: 80, size: 26, values: '{HH}:{mm}' },
      { ...axis, size: 34, space: 36 },
    ],
    series: [
      {},
      { stroke: color('brand'), fill: color('brand-veil'), width: 2.5, points: { show: false } },
    ],
  };
}

function said(curve: Curve): string {
  const peak = Math.max(0, ...curve.map(({ powerW }) => powerW));
  return say.curveSaid(curve.length, power(peak), energy(curve.at(-1)?.energyWh ?? 0));
}

/** Changes when the device goes dark or light. */
function useScheme(): boolean {
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const changed = () => setDark(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return dark;
}
