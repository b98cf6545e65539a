import type { Catalogue } from '../words/language';

const en = {
  at: 'At',
  power: 'Power, kW',
  energy: 'Energy, kWh',
  none: 'No readings yet.',
  begins: 'The curve begins with the first reading.',
  summary: (readings: string, peak: string, energy: string) =>
    `Power and energy over time: ${readings} readings, peak ${peak} kW, ${energy} kWh so far.`,
};

const de: typeof en = {
  at: 'Um',
  power: 'Leistung, kW',
  energy: 'Energie, kWh',
  none: 'Noch keine Messwerte.',
  begins: 'Die Kurve beginnt mit dem ersten Messwert.',
  summary: (readings, peak, energy) =>
    `Leistung und Energie im Zeitverlauf: ${readings} Messwerte, Spitze ${peak} kW, bisher ${energy} kWh.`,
};

export const WORDS: Catalogue<typeof en> = { en, de };
