import { type Catalogue, say } from './language';
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

/** OCPP's statuses of a connector (OCPP 1.6, 7.7), those that need somebody first. */
export const CONNECTOR_STATUSES = [
  'Faulted',
  'Unavailable',
  'SuspendedEVSE',
  'SuspendedEV',
  'Charging',
  'Preparing',
  'Finishing',
  'Reserved',
  'Available',
] as const;

const en = {
  unknown: 'Not reported yet',
  labels: {
    Available: 'Available',
    Preparing: 'Preparing',
    Charging: 'Charging',
    SuspendedEVSE: 'Paused by the charge point',
    SuspendedEV: 'Paused by the car',
    Finishing: 'Finishing',
    Reserved: 'Reserved',
    Unavailable: 'Out of service',
    Faulted: 'Faulted',
  } as Readonly<Record<string, string>>,
};

const de: typeof en = {
  unknown: 'Noch nicht gemeldet',
  labels: {
    Available: 'Frei',
    Preparing: 'Wird vorbereitet',
    Charging: 'Lädt',
    SuspendedEVSE: 'Vom Ladepunkt pausiert',
    SuspendedEV: 'Vom Auto pausiert',
    Finishing: 'Wird beendet',
    Reserved: 'Reserviert',
    Unavailable: 'Außer Betrieb',
    Faulted: 'Gestört',
  },
};

const WORDS: Catalogue<typeof en> = { en, de };

/** OCPP's status of a connector as label and tone; none yet is said to be unknown. */
export function connectorWords(status: string | null): { label: string; tone: Tone } {
  const words = say(WORDS);
  if (!status) return { label: words.unknown, tone: 'neutral' };
  return { label: words.labels[status] ?? status, tone: TONES[status] ?? 'neutral' };
}
