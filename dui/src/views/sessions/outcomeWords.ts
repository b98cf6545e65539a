import type { Catalogue } from '../../words/language';
import type { Outcome } from './types';

const en = {
  test: 'Test without money',
  names: { settled: 'Paid', refunded: 'Refunded', rejected: 'Did not begin', addendum: 'Addendum' } as Record<Outcome, string>,
  about: {
    settled: 'Paid out on the chain.',
    refunded: 'The whole deposit went back to the driver.',
    rejected: 'It ended before anything was deposited.',
    addendum: 'It tells more of a session that had ended already.',
  } as Record<Outcome, string>,
};

const de: typeof en = {
  test: 'Test ohne Geld',
  names: { settled: 'Bezahlt', refunded: 'Erstattet', rejected: 'Nicht begonnen', addendum: 'Nachtrag' },
  about: {
    settled: 'Auf der Blockchain ausgezahlt.',
    refunded: 'Das ganze Guthaben ging an den Fahrer zurück.',
    rejected: 'Beendet, bevor etwas hinterlegt wurde.',
    addendum: 'Ergänzt einen Ladevorgang, der schon beendet war.',
  },
};

export const WORDS: Catalogue<typeof en> = { en, de };
