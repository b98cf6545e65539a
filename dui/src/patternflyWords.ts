/** What PatternFly's parts say of their own, in the page's language. */

import type { Catalogue } from './words/language';

const en = {
  kinds: { custom: 'Note:', info: 'Note:', success: 'Done:', warning: 'Warning:', danger: 'Problem:' },
  wrong: 'wrong',
  loading: 'Loading',
  close: 'Close',
};

const de: typeof en = {
  kinds: { custom: 'Hinweis:', info: 'Hinweis:', success: 'Erledigt:', warning: 'Warnung:', danger: 'Problem:' },
  wrong: 'falsch',
  loading: 'Lädt',
  close: 'Schließen',
};

export const WORDS: Catalogue<typeof en> = { en, de };
