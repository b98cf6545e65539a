import type { Catalogue } from '../words/language';

const en = {
  noParquet: 'Parquet needs pyarrow on the Session Manager: pip install noroam[parquet]',
  exported: (name: string) => `${name} was downloaded.`,
  brokeOff: 'The file broke off. Try again.',
};

const de: typeof en = {
  noParquet: 'Parquet braucht pyarrow beim Session Manager: pip install noroam[parquet]',
  exported: (name) => `${name} wurde heruntergeladen.`,
  brokeOff: 'Die Datei brach ab. Versuchen Sie es noch einmal.',
};

export const WORDS: Catalogue<typeof en> = { en, de };
