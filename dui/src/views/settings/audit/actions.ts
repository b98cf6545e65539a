import { type Catalogue, say } from '../../../words/language';
import { operationWords } from '../../charge-points/commands/operationWords';
import { WORDS as SETTINGS } from '../words';

const en = {
  acknowledge_alert: 'Took on an alert',
  add_account: 'Made an account',
  add_id_tag: 'Added an idTag',
  admit_charge_point: 'Admitted a charge point',
  change_account: 'Changed an account',
  change_charge_point_config: 'Changed a charge point’s settings',
  change_id_tag: 'Changed an idTag',
  change_my_password: 'Changed the own password',
  change_webhook: 'Changed a webhook',
  deactivate_identity: 'Gave a DID up',
  decide_dispute: 'Decided a dispute',
  dismiss_charge_point: 'Turned a charge point away',
  forget_configuration: 'Forgot a wanted configuration',
  make_api_key: 'Made an API key',
  make_webhook: 'Added a webhook',
  publish_identity: 'Published an identity',
  reconnect_chain: 'Reconnected to the chain',
  register_charge_point: 'Registered a charge point',
  remove_account: 'Removed an account',
  remove_charge_point: 'Removed a charge point',
  remove_id_tag: 'Removed an idTag',
  remove_webhook: 'Removed a webhook',
  revoke_api_key: 'Revoked an API key',
  set_alert_settings: 'Changed the alert thresholds',
  set_password: 'Set a charge point’s password',
  sign_in: 'Signed in',
  stop_session: 'Stopped a session',
  test_webhook: 'Tested a webhook',
  want_configuration: 'Wanted another configuration',
  SessionStopRequested: 'Stopped a session',
  DisputeResolveRequested: 'Decided a dispute',
  DidPublishRequested: 'Published an identity',
  ChainReconnectRequested: 'Reconnected to the chain',
};

type Action = keyof typeof en;

const de: typeof en = {
  acknowledge_alert: 'Meldung übernommen',
  add_account: 'Konto angelegt',
  add_id_tag: 'idTag hinzugefügt',
  admit_charge_point: 'Ladepunkt zugelassen',
  change_account: 'Konto geändert',
  change_charge_point_config: 'Einstellungen eines Ladepunkts geändert',
  change_id_tag: 'idTag geändert',
  change_my_password: 'Eigenes Passwort geändert',
  change_webhook: 'Webhook geändert',
  deactivate_identity: 'DID aufgegeben',
  decide_dispute: 'Streitfall entschieden',
  dismiss_charge_point: 'Ladepunkt abgewiesen',
  forget_configuration: 'Gewünschte Konfiguration verworfen',
  make_api_key: 'API-Schlüssel erstellt',
  make_webhook: 'Webhook angelegt',
  publish_identity: 'Identität veröffentlicht',
  reconnect_chain: 'Neu mit der Blockchain verbunden',
  register_charge_point: 'Ladepunkt registriert',
  remove_account: 'Konto entfernt',
  remove_charge_point: 'Ladepunkt entfernt',
  remove_id_tag: 'idTag entfernt',
  remove_webhook: 'Webhook entfernt',
  revoke_api_key: 'API-Schlüssel widerrufen',
  set_alert_settings: 'Schwellen der Meldungen geändert',
  set_password: 'Passwort eines Ladepunkts gesetzt',
  sign_in: 'Angemeldet',
  stop_session: 'Ladevorgang beendet',
  test_webhook: 'Webhook getestet',
  want_configuration: 'Andere Konfiguration gewünscht',
  SessionStopRequested: 'Ladevorgang beendet',
  DisputeResolveRequested: 'Streitfall entschieden',
  DidPublishRequested: 'Identität veröffentlicht',
  ChainReconnectRequested: 'Neu mit der Blockchain verbunden',
};

const WORDS: Catalogue<typeof en> = { en, de };

/** Names of all actions that the page has words for. */
export const ACTIONS = Object.keys(en) as Action[];

const OF_LIVE_PAGE = /^[A-Z].*Requested$/;

/** What was done, in words; an operation of OCPP by its name here, and what is not known by its own. */
export function actionWords(action: string): string {
  return say(WORDS)[action as Action] ?? operationWords(action).name;
}

/** The same, told apart where it can be done in two ways. */
export function actionChoice(action: string): string {
  const words = actionWords(action);
  return OF_LIVE_PAGE.test(action) ? `${words} (${say(SETTINGS).audit.sources.console})` : words;
}
