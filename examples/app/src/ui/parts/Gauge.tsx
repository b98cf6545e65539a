import type { ComponentChildren } from 'preact';
import { kilowatts } from '../format';
import { words } from '../words';

const RADIUS = 88;
const SWEEP = 0.72;
const ROUND = 2 * Math.PI * RADIUS;

interface GaugeProps {
  watts: number;
  most: number;
  phase: string;
  children: ComponentChildren;
}

/** The power that flows, as an arc of what the station can give. */
export function Gauge({ watts, most, phase, children }: GaugeProps) {
  const part = Math.min(1, Math.max(0, watts / most));
  const arc = (share: number) => `${share * SWEEP * ROUND} ${ROUND}`;
  return (
    <div class={`gauge gauge-${phase}`}>
      <svg viewBox="0 0 200 200" aria-hidden="true">
        <circle class="gauge-track" cx="100" cy="100" r={RADIUS} stroke-dasharray={arc(1)} />
        <circle class="gauge-arc" cx="100" cy="100" r={RADIUS} stroke-dasharray={arc(part)} />
      </svg>
      <div class="gauge-inside">
        <p class="gauge-figure">
          <span data-figure="power">{kilowatts(watts)}</span> <small>{words.session.kw}</small>
        </p>
        <p class="gauge-phase" aria-live="polite" data-phase={phase}>{children}</p>
      </div>
    </div>
  );
}
