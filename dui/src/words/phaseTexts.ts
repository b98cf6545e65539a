/** How the phases, ends and failures of a session are said in each language. */

import type { Phase } from '../wire/types';
import type { Catalogue } from './language';

interface PhaseTexts {
  /** Label, and what is being waited for. */
  readonly phases: Readonly<Record<Phase, readonly [string, string]>>;
  readonly privateLabels: Readonly<Partial<Record<Phase, string>>>;
  readonly ofTests: Readonly<Partial<Record<Phase, string>>>;
}

const en: PhaseTexts = {
  phases: {
    idle: ['Free', 'No session on this connector.'],
    verifying: ['Waiting for deposit', 'The driver asked for the connector; the deposit is not confirmed yet.'],
    authorising: ['Authorising', 'The deposit is confirmed; the charge point is told who may charge.'],
    starting: ['Starting', 'The charge point was asked to start.'],
    charging: ['Charging', 'Energy flows; the driver signs for it as it goes.'],
    stopping: ['Stopping', 'The charge point was asked to stop.'],
    settling: ['Settling', 'Energy is final; waiting for the driver to sign the final amount.'],
    executing: ['Paying out', 'The wallet pays out in one transaction.'],
    refunding: ['Refunding', 'Nothing was charged; the deposit goes back to the driver.'],
    settled: ['Settled', 'Paid out on the chain.'],
    refunded: ['Refunded', 'The whole deposit went back to the driver.'],
    rejected: ['Rejected', 'Ended before anything was deposited.'],
    disputed: ['Disputed', 'The payout did not go through in time; it is tried again until the wallet moves.'],
  },
  privateLabels: { settled: 'Ended' },
  ofTests: {
    charging: 'Energy flows for a test; nobody pays for it.',
    stopping: 'The charge point was asked to end the test.',
    settled: 'The test has ended; no money moved.',
  },
};

const de: PhaseTexts = {
  phases: {
    idle: ['Frei', 'Kein Ladevorgang an diesem Anschluss.'],
    verifying: ['Wartet auf Guthaben', 'Der Fahrer hat den Anschluss angefordert; das Guthaben ist noch nicht bestätigt.'],
    authorising: ['Wird freigegeben', 'Das Guthaben ist bestätigt; der Ladepunkt erfährt, wer laden darf.'],
    starting: ['Startet', 'Der Ladepunkt wurde gebeten zu starten.'],
    charging: ['Lädt', 'Es fließt Energie; der Fahrer unterschreibt laufend dafür.'],
    stopping: ['Stoppt', 'Der Ladepunkt wurde gebeten zu stoppen.'],
    settling: ['Wird abgerechnet', 'Die Energiemenge steht fest; die Unterschrift des Fahrers für den Endbetrag steht aus.'],
    executing: ['Wird ausgezahlt', 'Das Wallet zahlt in einer Transaktion aus.'],
    refunding: ['Wird erstattet', 'Es wurde nicht geladen; das Guthaben geht an den Fahrer zurück.'],
    settled: ['Bezahlt', 'Auf der Blockchain ausgezahlt.'],
    refunded: ['Erstattet', 'Das ganze Guthaben ging an den Fahrer zurück.'],
    rejected: ['Abgelehnt', 'Beendet, bevor etwas hinterlegt wurde.'],
    disputed: ['Strittig', 'Die Auszahlung kam nicht rechtzeitig an; sie wird wiederholt, bis das Wallet auszahlt.'],
  },
  privateLabels: { settled: 'Beendet' },
  ofTests: {
    charging: 'Es fließt Energie für einen Test; niemand bezahlt dafür.',
    stopping: 'Der Ladepunkt wurde gebeten, den Test zu beenden.',
    settled: 'Der Test ist beendet; es ist kein Geld geflossen.',
  },
};

export const PHASE_TEXTS: Catalogue<PhaseTexts> = { en, de };

const reasons = {
  consumer: 'stopped by the driver',
  operator: 'stopped by the operator',
  deposit_used_up: 'the deposit is used up',
  charge_point: 'stopped at the charge point',
  voucher_overdue: 'the driver stopped signing',
  ends_by: 'the time of the quote is over',
  charge_point_offline: 'the charge point went offline',
  deposit_missing: 'no deposit came',
  deposit_short: 'the deposit was too small',
  id_tag_refused: 'the charge point refused the driver’s tag',
  authorise_timeout: 'the charge point did not confirm the driver’s tag in time',
  start_refused: 'the charge point refused to start',
  start_timeout: 'charging did not start in time',
  stopped_before_start: 'stopped before charging began',
  connector_faulted: 'the connector is faulted',
  deposit_lost: 'the chain took the deposit back',
  refund_opening: 'the driver’s own refund was about to open',
  settlement_gas_account_low: 'the gas account is too low',
  settlement_chain_unavailable: 'no node of the chain answers',
  settlement_reverted: 'the chain refused the payout',
  settlement_deposit_gone: 'the wallet holds nothing',
  generated: 'invented for the demo',
  written_off: 'written off',
  meter_regress: 'the meter ran backwards',
  unbilled: 'energy that nobody pays for',
  clock_drift: 'the charge point’s clock is wrong',
  late_start: 'it began after it was given up',
  no_stop_transaction: 'the charge point never told its end',
  refunded_by_driver: 'the driver took the deposit back',
};

const gruende: typeof reasons = {
  consumer: 'vom Fahrer beendet',
  operator: 'vom Betreiber beendet',
  deposit_used_up: 'das Guthaben ist aufgebraucht',
  charge_point: 'am Ladepunkt beendet',
  voucher_overdue: 'der Fahrer hat nicht weiter unterschrieben',
  ends_by: 'die Zeit des Angebots ist abgelaufen',
  charge_point_offline: 'der Ladepunkt ging offline',
  deposit_missing: 'es kam kein Guthaben',
  deposit_short: 'das Guthaben war zu klein',
  id_tag_refused: 'der Ladepunkt hat das Tag des Fahrers abgelehnt',
  authorise_timeout: 'der Ladepunkt hat das Tag des Fahrers nicht rechtzeitig bestätigt',
  start_refused: 'der Ladepunkt hat den Start abgelehnt',
  start_timeout: 'das Laden begann nicht rechtzeitig',
  stopped_before_start: 'vor Beginn des Ladens beendet',
  connector_faulted: 'der Anschluss ist gestört',
  deposit_lost: 'die Blockchain hat das Guthaben zurückgenommen',
  refund_opening: 'die eigene Rückerstattung des Fahrers stand kurz bevor',
  settlement_gas_account_low: 'das Gas-Konto ist zu leer',
  settlement_chain_unavailable: 'kein Knoten der Blockchain antwortet',
  settlement_reverted: 'die Blockchain hat die Auszahlung abgelehnt',
  settlement_deposit_gone: 'im Wallet ist nichts mehr',
  generated: 'für die Demo erfunden',
  written_off: 'abgeschrieben',
  meter_regress: 'der Zähler lief rückwärts',
  unbilled: 'Energie, die niemand bezahlt',
  clock_drift: 'die Uhr des Ladepunkts geht falsch',
  late_start: 'begann erst, als der Vorgang schon aufgegeben war',
  no_stop_transaction: 'der Ladepunkt hat das Ende nie gemeldet',
  refunded_by_driver: 'der Fahrer hat das Guthaben zurückgeholt',
};

/** Stops, failures and flags by their names; what is not among them is shown by its own. */
export const REASONS: Catalogue<Readonly<Record<string, string>>> = { en: reasons, de: gruende };
