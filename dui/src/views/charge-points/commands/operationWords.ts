/** What each operation of OCPP 1.6 is called, what it does, and what happens if it stops something. */

import { type Catalogue, say } from '../../../words/language';

interface OperationWords {
  readonly name: string;
  readonly purpose: string;
  /** Of those that stop or remove something: what follows, said before it is done. */
  readonly consequence?: string;
}

type Texts = Readonly<Record<string, OperationWords>>;

const en: Texts = {
  ChangeAvailability: { name: 'Change availability', purpose: 'Takes a connector, or with 0 the whole charge point, out of service or back into it.', consequence: 'Out of service, nobody can charge there. What charges now ends first.' },
  ChangeConfiguration: { name: 'Change a configuration key', purpose: 'Sets one key; some count only after a restart.' },
  ClearCache: { name: 'Clear the cache of tags', purpose: 'Forgets the idTags that the charge point once accepted.', consequence: 'Until it is online again, it does not know any more who may charge.' },
  DataTransfer: { name: 'Vendor’s message', purpose: 'Sends a message of the vendor’s own making.' },
  GetConfiguration: { name: 'Read the configuration', purpose: 'Reads all keys, or those that are named.' },
  RemoteStartTransaction: { name: 'Start charging', purpose: 'Starts a transaction for an idTag; without the app nobody pays for it.' },
  RemoteStopTransaction: { name: 'Stop a transaction', purpose: 'Stops a transaction by its number.', consequence: 'Charging ends now.' },
  Reset: { name: 'Restart', purpose: 'Restarts the charge point: soft ends transactions in good order first, hard at once.', consequence: 'Whoever charges there is stopped and billed for what was counted. It is offline for a minute or more.' },
  UnlockConnector: { name: 'Unlock a connector', purpose: 'Opens the lock that holds the cable; a transaction is stopped first.', consequence: 'What charges on this connector ends now, and its cable can be pulled.' },
  GetDiagnostics: { name: 'Upload diagnostics', purpose: 'Has a file of diagnostics uploaded to an address.' },
  UpdateFirmware: { name: 'Update firmware', purpose: 'Has firmware downloaded and installed at a given time.', consequence: 'The charge point restarts for it. With the wrong file it may not come back.' },
  GetLocalListVersion: { name: 'Version of the local list', purpose: 'Asks which version of the list of idTags it has.' },
  SendLocalList: { name: 'Send the local list', purpose: 'Replaces its list of idTags, or changes parts of it.', consequence: 'A full list replaces all that was in it.' },
  SynchroniseLocalList: { name: 'Synchronise the local list', purpose: 'Makes its list what the register of idTags says.' },
  TriggerMessage: { name: 'Have a message sent', purpose: 'Has it send now what else comes by itself, such as its status.' },
  CancelReservation: { name: 'Cancel a reservation', purpose: 'Gives up a reservation by its number.', consequence: 'Whoever it was made for may find the connector taken.' },
  ReserveNow: { name: 'Reserve a connector', purpose: 'Keeps a connector for an idTag until a given time.' },
  CertificateSigned: { name: 'Deliver a signed certificate', purpose: 'Brings the certificate that it asked to have signed.' },
  DeleteCertificate: { name: 'Delete a certificate', purpose: 'Deletes an installed root certificate by its hash.', consequence: 'If it is the one that it knows us by, it can’t connect any more.' },
  ExtendedTriggerMessage: { name: 'Have a message sent (security)', purpose: 'As the other one, also for signing requests and logs.' },
  GetInstalledCertificateIds: { name: 'Installed certificates', purpose: 'Asks which root certificates of a kind are installed.' },
  GetLog: { name: 'Upload a log', purpose: 'Has its security or diagnostics log uploaded to an address.' },
  InstallCertificate: { name: 'Install a certificate', purpose: 'Installs a root certificate.' },
  ReplacePassword: { name: 'Replace its password', purpose: 'Gives it a new random password, which nobody is shown.', consequence: 'It signs in with the new password from now on.' },
  SignedUpdateFirmware: { name: 'Update signed firmware', purpose: 'Has firmware installed whose signature it checks.', consequence: 'The charge point restarts for it.' },
  ClearChargingProfile: { name: 'Clear charging profiles', purpose: 'Removes all profiles that match what is told; with nothing told, all.', consequence: 'Limits that these profiles set hold no longer.' },
  GetCompositeSchedule: { name: 'Which limits apply', purpose: 'Asks which limits apply when all profiles are put together.' },
  SetChargingProfile: { name: 'Set a charging profile', purpose: 'Limits power or current over time.' },
};

const de: Texts = {
  ChangeAvailability: { name: 'Verfügbarkeit ändern', purpose: 'Nimmt einen Anschluss, mit 0 den ganzen Ladepunkt, außer Betrieb oder wieder in Betrieb.', consequence: 'Außer Betrieb kann dort niemand laden. Was gerade lädt, wird erst beendet.' },
  ChangeConfiguration: { name: 'Konfiguration ändern', purpose: 'Setzt einen Schlüssel; manche gelten erst nach einem Neustart.' },
  ClearCache: { name: 'Tag-Zwischenspeicher leeren', purpose: 'Vergisst die idTags, die der Ladepunkt einmal akzeptiert hat.', consequence: 'Bis er wieder online ist, weiß er nicht mehr, wer laden darf.' },
  DataTransfer: { name: 'Herstellernachricht', purpose: 'Sendet eine herstellereigene Nachricht.' },
  GetConfiguration: { name: 'Konfiguration lesen', purpose: 'Liest alle Schlüssel oder die genannten.' },
  RemoteStartTransaction: { name: 'Laden starten', purpose: 'Startet eine Transaktion für ein idTag; ohne die App bezahlt sie niemand.' },
  RemoteStopTransaction: { name: 'Transaktion beenden', purpose: 'Beendet eine Transaktion nach ihrer Nummer.', consequence: 'Das Laden endet sofort.' },
  Reset: { name: 'Neustart', purpose: 'Startet den Ladepunkt neu: „Soft“ beendet Vorgänge vorher ordentlich, „Hard“ startet sofort.', consequence: 'Wer dort lädt, wird gestoppt und nach dem gezählten Stand abgerechnet. Der Ladepunkt ist eine Minute oder länger offline.' },
  UnlockConnector: { name: 'Anschluss entriegeln', purpose: 'Öffnet die Verriegelung des Kabels; ein Vorgang wird vorher beendet.', consequence: 'Was an diesem Anschluss lädt, endet sofort, und das Kabel lässt sich abziehen.' },
  GetDiagnostics: { name: 'Diagnose hochladen', purpose: 'Lässt eine Diagnosedatei an eine Adresse hochladen.' },
  UpdateFirmware: { name: 'Firmware aktualisieren', purpose: 'Lässt Firmware laden und zur gegebenen Zeit installieren.', consequence: 'Der Ladepunkt startet dafür neu. Mit der falschen Datei kommt er womöglich nicht wieder.' },
  GetLocalListVersion: { name: 'Version der lokalen Liste', purpose: 'Fragt, welche Version der idTag-Liste er hat.' },
  SendLocalList: { name: 'Lokale Liste senden', purpose: 'Ersetzt die idTag-Liste oder ändert Teile davon.', consequence: 'Eine volle Liste ersetzt alles, was darin stand.' },
  SynchroniseLocalList: { name: 'Lokale Liste abgleichen', purpose: 'Bringt die Liste auf den Stand des idTag-Registers.' },
  TriggerMessage: { name: 'Nachricht anfordern', purpose: 'Lässt jetzt senden, was sonst von selbst kommt, etwa den Status.' },
  CancelReservation: { name: 'Reservierung aufheben', purpose: 'Hebt eine Reservierung nach ihrer Nummer auf.', consequence: 'Wer reserviert hatte, findet den Anschluss womöglich belegt.' },
  ReserveNow: { name: 'Anschluss reservieren', purpose: 'Hält einen Anschluss bis zu einer Zeit für ein idTag frei.' },
  CertificateSigned: { name: 'Signiertes Zertifikat zustellen', purpose: 'Bringt das Zertifikat, um dessen Signatur er gebeten hat.' },
  DeleteCertificate: { name: 'Zertifikat löschen', purpose: 'Löscht ein installiertes Stammzertifikat nach seinem Hash.', consequence: 'Ist es das, an dem er uns erkennt, kann er sich nicht mehr verbinden.' },
  ExtendedTriggerMessage: { name: 'Nachricht anfordern (Sicherheit)', purpose: 'Wie oben, auch für Signaturanfragen und Protokolle.' },
  GetInstalledCertificateIds: { name: 'Installierte Zertifikate', purpose: 'Fragt, welche Stammzertifikate einer Art installiert sind.' },
  GetLog: { name: 'Protokoll hochladen', purpose: 'Lässt das Sicherheits- oder Diagnoseprotokoll an eine Adresse hochladen.' },
  InstallCertificate: { name: 'Zertifikat installieren', purpose: 'Installiert ein Stammzertifikat.' },
  ReplacePassword: { name: 'Passwort ersetzen', purpose: 'Gibt ihm ein neues zufälliges Passwort, das niemand zu sehen bekommt.', consequence: 'Er meldet sich von nun an mit dem neuen Passwort an.' },
  SignedUpdateFirmware: { name: 'Signierte Firmware aktualisieren', purpose: 'Lässt Firmware installieren, deren Signatur er prüft.', consequence: 'Der Ladepunkt startet dafür neu.' },
  ClearChargingProfile: { name: 'Ladeprofile entfernen', purpose: 'Entfernt alle Profile, die zu den Angaben passen; ohne Angaben alle.', consequence: 'Grenzen, die diese Profile setzten, gelten nicht mehr.' },
  GetCompositeSchedule: { name: 'Geltende Grenzen', purpose: 'Fragt, welche Grenzen gelten, wenn man alle Profile zusammennimmt.' },
  SetChargingProfile: { name: 'Ladeprofil setzen', purpose: 'Begrenzt Leistung oder Strom über die Zeit.' },
};

const WORDS: Catalogue<Texts> = { en, de };

/** The words of an operation; one that this page does not know is called by its own name. */
export function operationWords(operation: string): OperationWords {
  return say(WORDS)[operation] ?? { name: operation, purpose: '' };
}

const PROFILES: Catalogue<Readonly<Record<string, string>>> = {
  en: { 'Local Auth List Management': 'Local list', 'Remote Trigger': 'Messages on demand', 'Firmware Management': 'Firmware and diagnostics', Core: 'Everyday' },
  de: {
    Core: 'Alltag',
    'Firmware Management': 'Firmware und Diagnose',
    'Local Auth List Management': 'Lokale Liste',
    'Remote Trigger': 'Nachrichten anfordern',
    Reservation: 'Reservierung',
    Security: 'Sicherheit',
    'Smart Charging': 'Lastmanagement',
  },
};

/** What a profile of OCPP is called. */
export function profileName(profile: string): string {
  return say(PROFILES)[profile] ?? profile;
}
