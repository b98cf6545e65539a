/** Why a session failed or was stopped, and what an operator can do about it. */

import { type Catalogue, say } from '../../words/language';

export const FAILURES = [
  'deposit_missing',
  'deposit_short',
  'id_tag_refused',
  'authorise_timeout',
  'start_refused',
  'start_timeout',
  'stopped_before_start',
  'connector_faulted',
  'charge_point_offline',
  'deposit_lost',
  'refund_opening',
] as const;

export const STOP_REASONS = [
  'consumer',
  'operator',
  'deposit_used_up',
  'charge_point',
  'voucher_overdue',
  'ends_by',
  'charge_point_offline',
  'deposit_lost',
  'refund_opening',
] as const;

/** Flags that say nothing that is not said elsewhere. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set(['private', 'clipped']);

const en: Readonly<Record<string, string>> = {
  deposit_missing: 'The driver asked for the connector but paid no deposit in time. Nothing to do here; if many drivers fail so, look at the chain.',
  deposit_short: 'The driver deposited less than the quote asks for. Their app shows how much it has to be; the deposit goes back to them.',
  id_tag_refused: 'The charge point does not know the tag of this session. Look at its messages for Authorize, and check that it asks us and not a list of its own.',
  authorise_timeout: 'The charge point did not ask for the tag in time. Look at its messages; restart it if it is slow or silent.',
  start_refused: 'The charge point would not start. Look at its messages: it may be out of service, reserved, or have a profile in the way.',
  start_timeout: 'The charge point agreed, but no charging began. Most often no car was plugged in; if it repeats, check cable and contactor.',
  stopped_before_start: 'Driver, operator or charge point ended it before charging began. Nothing to do.',
  connector_faulted: 'The connector reported a fault. Look at its error code; restart the charge point, or send somebody.',
  charge_point_offline: 'The connection to the charge point broke. Check its network and power; what it counted is billed when it is back.',
  deposit_lost: 'The chain dropped the block of the deposit. Nothing was paid; the driver can deposit again.',
  refund_opening: 'The driver’s own refund was about to open, so charging had to end. Longer sessions need a longer time in the quote.',
  voucher_overdue: 'The driver’s app stopped signing for the energy. What was signed is paid; the app was closed or lost its connection.',
  ends_by: 'The time that the quote allows was over.',
  deposit_used_up: 'The driver’s deposit was used up. Nothing to do.',
  consumer: 'The driver ended it. Nothing to do.',
  operator: 'Somebody of the operator ended it; see who, below.',
  charge_point: 'It ended at the charge point: the cable was pulled, a button pressed, or the charge point stopped by itself. Its messages tell the reason.',
  last_voucher: 'The last amount that the driver signed was paid out, and not the final price.',
  meter_regress: 'The meter counted backwards; the highest reading was kept. Have the meter checked.',
  no_stop_transaction: 'The charge point never told the end; it was closed with the last reading.',
  late_start: 'The charge point began after we had given up.',
  clock_drift: 'The clock of the charge point is wrong; times are of ours. Check its time server.',
  unbilled: 'The charge point told later of more energy than was paid. Nobody pays for it.',
  refunded_by_driver: 'The driver took the deposit back before the payout.',
  written_off: 'An operator gave up the payout.',
  settlement_chain_unavailable: 'During the payout no node of the chain answered.',
  settlement_reverted: 'The chain refused the payout at first.',
  settlement_gas_account_low: 'During the payout the gas account was too low. Send it funds.',
  settlement_deposit_gone: 'During the payout the wallet held nothing.',
  generated: 'This session never happened. It shows what one looks like; its transaction is on no chain.',
};

const de: Readonly<Record<string, string>> = {
  deposit_missing: 'Der Fahrer hat den Anschluss angefordert, aber nicht rechtzeitig Guthaben hinterlegt. Nichts zu tun; scheitern viele so, sehen Sie nach der Blockchain.',
  deposit_short: 'Der Fahrer hat weniger hinterlegt, als das Angebot verlangt. Seine App zeigt den Betrag; das Guthaben geht an ihn zurück.',
  id_tag_refused: 'Der Ladepunkt kennt das Tag dieses Vorgangs nicht. Sehen Sie in seinen Nachrichten nach Authorize, und ob er uns fragt und keine eigene Liste.',
  authorise_timeout: 'Der Ladepunkt hat nicht rechtzeitig nach dem Tag gefragt. Sehen Sie seine Nachrichten an; starten Sie ihn neu, wenn er träge ist oder schweigt.',
  start_refused: 'Der Ladepunkt wollte nicht starten. Sehen Sie seine Nachrichten an: Er kann außer Betrieb oder reserviert sein, oder ein Profil steht im Weg.',
  start_timeout: 'Der Ladepunkt hat zugesagt, aber das Laden begann nicht. Meist war kein Auto angesteckt; kommt es öfter vor, prüfen Sie Kabel und Schütz.',
  stopped_before_start: 'Fahrer, Betreiber oder Ladepunkt haben vor Beginn des Ladens beendet. Nichts zu tun.',
  connector_faulted: 'Der Anschluss hat eine Störung gemeldet. Sehen Sie nach dem Fehlercode; starten Sie den Ladepunkt neu oder schicken Sie jemanden hin.',
  charge_point_offline: 'Die Verbindung zum Ladepunkt ist abgebrochen. Prüfen Sie Netz und Strom; was er gezählt hat, wird abgerechnet, sobald er zurück ist.',
  deposit_lost: 'Die Blockchain hat den Block mit dem Guthaben verworfen. Es wurde nichts bezahlt; der Fahrer kann neu hinterlegen.',
  refund_opening: 'Die eigene Rückerstattung des Fahrers stand kurz bevor, daher musste das Laden enden. Längere Vorgänge brauchen mehr Zeit im Angebot.',
  voucher_overdue: 'Die App des Fahrers hat nicht weiter unterschrieben. Das Unterschriebene ist bezahlt; die App war zu oder ohne Verbindung.',
  ends_by: 'Die Zeit, die das Angebot erlaubt, war um.',
  deposit_used_up: 'Das Guthaben des Fahrers war aufgebraucht. Nichts zu tun.',
  consumer: 'Der Fahrer hat beendet. Nichts zu tun.',
  operator: 'Jemand vom Betreiber hat beendet; wer, steht unten.',
  charge_point: 'Am Ladepunkt beendet: Kabel gezogen, Knopf gedrückt oder vom Ladepunkt selbst. Den Grund nennen seine Nachrichten.',
  last_voucher: 'Ausgezahlt wurde der letzte unterschriebene Betrag, nicht der Endpreis.',
  meter_regress: 'Der Zähler lief rückwärts; der höchste Stand wurde behalten. Lassen Sie den Zähler prüfen.',
  no_stop_transaction: 'Der Ladepunkt hat das Ende nie gemeldet; es gilt der letzte Messwert.',
  late_start: 'Der Ladepunkt begann erst, als der Vorgang schon aufgegeben war.',
  clock_drift: 'Die Uhr des Ladepunkts geht falsch; die Zeiten sind unsere. Prüfen Sie seinen Zeitserver.',
  unbilled: 'Der Ladepunkt hat später mehr Energie gemeldet, als bezahlt wurde. Niemand bezahlt sie.',
  refunded_by_driver: 'Der Fahrer hat das Guthaben vor der Auszahlung zurückgeholt.',
  written_off: 'Ein Betreiber hat auf die Auszahlung verzichtet.',
  settlement_chain_unavailable: 'Während der Auszahlung antwortete kein Knoten der Blockchain.',
  settlement_reverted: 'Die Blockchain hat die Auszahlung zunächst abgelehnt.',
  settlement_gas_account_low: 'Während der Auszahlung war das Gas-Konto zu leer. Laden Sie es auf.',
  settlement_deposit_gone: 'Während der Auszahlung war das Wallet leer.',
  generated: 'Diesen Ladevorgang gab es nie. Er zeigt, wie einer aussieht; seine Transaktion steht auf keiner Blockchain.',
};

const ADVICE: Catalogue<Readonly<Record<string, string>>> = { en, de };

/** What stands behind a failure, stop or flag, and what to do; empty for what is not known. */
export function adviceOf(reason: string): string {
  return say(ADVICE)[reason] ?? '';
}

/** The flags that a person should read. */
export function toldFlags(flags: readonly string[]): string[] {
  return flags.filter((flag) => !SAID_ELSEWHERE.has(flag));
}
