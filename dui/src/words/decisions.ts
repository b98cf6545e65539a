import type { Decision } from '../wire/types';
import { type Catalogue, say } from './language';

interface DecisionWords {
  readonly label: string;
  readonly consequence: string;
}

type Texts = Readonly<Record<Decision, { label: string; consequence: (payout: string, deposit: string) => string }>>;

const en: Texts = {
  retry: {
    label: 'Retry the payout',
    consequence: (payout) => `The payout is sent again now: ${payout} to the station.`,
  },
  refund: {
    label: 'Refund everything',
    consequence: (payout, deposit) => `The driver gets all of the ${deposit} back; the station gives up ${payout}.`,
  },
  write_off: {
    label: 'Write off',
    consequence: (payout) =>
      `The station gives up ${payout} and does nothing more. The session ends; what the wallet holds is the driver’s to take back.`,
  },
};

const de: Texts = {
  retry: {
    label: 'Auszahlung wiederholen',
    consequence: (payout) => `Die Auszahlung wird jetzt noch einmal gesendet: ${payout} an die Station.`,
  },
  refund: {
    label: 'Alles erstatten',
    consequence: (payout, deposit) => `Der Fahrer bekommt die ganzen ${deposit} zurück; die Station verzichtet auf ${payout}.`,
  },
  write_off: {
    label: 'Abschreiben',
    consequence: (payout) =>
      `Die Station verzichtet auf ${payout} und tut nichts weiter. Der Vorgang endet; was im Wallet liegt, kann sich der Fahrer zurückholen.`,
  },
};

const DECISIONS: Catalogue<Texts> = { en, de };

/** What a decision about a dispute is called, and what follows from it. */
export function decisionWords(decision: Decision, payout: string, deposit: string): DecisionWords {
  const { label, consequence } = say(DECISIONS)[decision];
  return { label, consequence: consequence(payout, deposit) };
}
