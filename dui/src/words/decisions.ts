import type { Decision } from '../wire/types';

interface DecisionWords {
  readonly label: string;
  readonly consequence: string;
}

/** What a decision about a dispute is called, and what follows from it. */
export function decisionWords(decision: Decision, payout: string, deposit: string): DecisionWords {
  switch (decision) {
    case 'retry':
      return { label: 'Retry the payout', consequence: `The payout is sent again now: ${payout} to the station.` };
    case 'refund':
      return {
        label: 'Refund everything',
        consequence: `The driver gets all of the ${deposit} back; the station gives up ${payout}.`,
      };
    case 'write_off':
      return {
        label: 'Write off',
        consequence: `The station gives up ${payout} and does nothing more. The session ends; what the wallet holds is the driver’s to take back.`,
      };
  }
}
