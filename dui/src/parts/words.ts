import type { Catalogue } from '../words/language';

const en = {
  loading: 'Loading',
  tryAgain: 'Try again',
  triedAgain: 'It is tried again by itself.',
  cancel: 'Cancel',
  close: 'Close',
  copy: (name: string) => `Copy ${name}`,
  copied: (name: string) => `${name} copied`,
  more: 'Load more',
  newest: 'To the newest',
  unknown: 'not known',
  download: 'Download',
  problems: {
    noAnswer: 'The console does not answer. As soon as it is back it goes on by itself.',
    forbidden: 'Your role does not allow this.',
    notFound: 'This does not exist, or not any more.',
    changedMeanwhile: 'Somebody else changed this meanwhile; nothing of yours was saved.',
    tooOften: (seconds: number) => `Too many requests; again in ${seconds} s.`,
    busDown: 'Redis does not answer; nothing was changed.',
    unavailable: 'This is not possible now.',
    failed: 'This failed on the server’s side; see the log.',
    refused: 'This was refused',
  },
};

export type PartsWords = typeof en;

const de: PartsWords = {
  loading: 'Lädt',
  tryAgain: 'Erneut versuchen',
  triedAgain: 'Es wird von selbst erneut versucht.',
  cancel: 'Abbrechen',
  close: 'Schließen',
  copy: (name) => `${name} kopieren`,
  copied: (name) => `${name} kopiert`,
  more: 'Mehr laden',
  newest: 'Zu den neuesten',
  unknown: 'nicht bekannt',
  download: 'Herunterladen',
  problems: {
    noAnswer: 'Die Konsole antwortet nicht. Sobald sie wieder da ist, geht es von selbst weiter.',
    forbidden: 'Ihre Rolle erlaubt das nicht.',
    notFound: 'Das gibt es nicht oder nicht mehr.',
    changedMeanwhile: 'Das hat inzwischen jemand anders geändert; von Ihnen wurde nichts gespeichert.',
    tooOften: (seconds) => `Zu viele Anfragen; wieder möglich in ${seconds} s.`,
    busDown: 'Redis antwortet nicht; es wurde nichts verändert.',
    unavailable: 'Das ist gerade nicht möglich.',
    failed: 'Das ist auf dem Server fehlgeschlagen; siehe Protokoll.',
    refused: 'Das wurde abgelehnt',
  },
};

export const WORDS: Catalogue<PartsWords> = { en, de };
