import type { Tone } from './phases';

const TONES: Record<string, Tone> = {
  Available: 'success',
  Preparing: 'info',
  Charging: 'success',
  SuspendedEVSE: 'warning',
  SuspendedEV: 'warning',
  Finishing: 'info',
  Reserved: 'info',
  Unavailable: 'neutral',
  Faulted: 'danger',
};

const LABELS: Record<string, string> = {
  SuspendedEVSE: 'Paused by the charge point',
  SuspendedEV: 'Paused by the car',
};

/** OCPP's status of a connector as label and tone; none yet is said to be unknown. */
export function connectorWords(status: string | null): { label: string; tone: Tone } {
  if (!status) return { label: 'Not reported yet', tone: 'neutral' };
  return { label: LABELS[status] ?? status, tone: TONES[status] ?? 'neutral' };
}
