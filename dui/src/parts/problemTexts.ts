/** What the API says of a refusal, in German; `…` stands for what differs. The API itself speaks English only. */

const GERMAN: readonly (readonly [said: string, german: string])[] = [
  ['Redis does not answer; try again.', 'Redis antwortet nicht; versuchen Sie es erneut.'],
  ['Too much waits to be done there already; try again later.', 'Dort wartet schon zu viel; versuchen Sie es später erneut.'],
  ['Some fields are wrong.', 'Einige Angaben stimmen nicht.'],
  ['Some parameters of the query are wrong.', 'Einige Angaben der Abfrage stimmen nicht.'],
  ['There is nothing at this path.', 'Unter dieser Adresse gibt es nichts.'],
  ['The body may have … bytes at most.', 'Höchstens … Bytes sind erlaubt.'],
  ['The body did not come within … s.', 'Die Angaben kamen nicht innerhalb von … s an.'],
  ['… files are being sent to you already; wait until one of them ends.', 'Sie laden schon … Dateien herunter; warten Sie, bis eine davon fertig ist.'],
  ['It was changed meanwhile: read it again.', 'Das wurde inzwischen geändert: Lesen Sie es neu.'],
  ['charge point … was changed', 'Der Ladepunkt … wurde inzwischen geändert.'],
  ['charge point … is not registered', 'Der Ladepunkt … ist nicht angemeldet.'],
  ['charge point … is registered already', 'Der Ladepunkt … ist schon angemeldet.'],
  ['charge point … is being changed by others', 'Der Ladepunkt … wird gerade von anderen geändert.'],
  ['charge_point_id: … stands for a folder in a path', 'Die Kennung … steht in Pfaden für einen Ordner.'],
  ['did: belongs to charge point …', 'Diese DID gehört dem Ladepunkt ….'],
  ['What is stored of this charge point cannot be read.', 'Was über diesen Ladepunkt gespeichert ist, lässt sich nicht lesen.'],
  ['What is stored of this idTag cannot be read.', 'Was über dieses idTag gespeichert ist, lässt sich nicht lesen.'],
  ['Security profile … has no password.', 'Das Sicherheitsprofil … hat kein Passwort.'],
  ['Security profile … needs a password: set one first.', 'Das Sicherheitsprofil … braucht ein Passwort: Setzen Sie zuerst eines.'],
  ['It signs in by certificate, and has no password.', 'Er meldet sich mit Zertifikat an und hat kein Passwort.'],
  [
    'It is connected: use the operation ReplacePassword, which tells it the new one.',
    'Er ist verbunden: Nehmen Sie den Befehl ReplacePassword, der ihm das neue Passwort mitteilt.',
  ],
  [
    'No key can be made for it, as this Session Manager has no KEYS_PASSWORD: give the `did` of a key that it has, or register it by command.',
    'Dafür lässt sich kein Schlüssel anlegen, da dieser Session Manager kein KEYS_PASSWORD hat: Melden Sie den Ladepunkt per Kommandozeile an.',
  ],
  ['CREDENTIAL_KEY is not set, so no password can be kept.', 'CREDENTIAL_KEY ist nicht gesetzt, deshalb lässt sich kein Passwort speichern.'],
  ['CREDENTIAL_KEY is not set', 'CREDENTIAL_KEY ist nicht gesetzt.'],
  ["CREDENTIAL_KEY is not set, of which webhooks' secrets are made", 'CREDENTIAL_KEY ist nicht gesetzt; daraus entstehen die Geheimnisse der Webhooks.'],
  ['It came with different passwords, so it may be two: tell one, or dismiss it.', 'Er kam mit verschiedenen Passwörtern, es könnten also zwei sein: Weisen Sie ihn ab.'],
  ['This configuration key needs the role administrator.', 'Dieser Konfigurationsschlüssel braucht die Rolle Administrator.'],
  ['To look for a driver needs the role operator.', 'Nach einem Fahrer zu suchen braucht die Rolle Betreiber.'],
  ['To look for an idTag needs the role operator.', 'Nach einem idTag zu suchen braucht die Rolle Betreiber.'],
  ['It is no account and no did:ethr', 'Das ist kein Konto und keine did:ethr.'],
  ['It is no cursor of this list and these filters', 'Die Adresse gehört nicht zu dieser Liste und diesen Filtern.'],
  ['There are more than … receipts in it', 'Darin sind mehr als … Belege.'],
  ['There is no such block', 'Diesen Block gibt es nicht.'],
  ['It is not the DID of this charge point', 'Das ist nicht die DID dieses Ladepunkts.'],
  ['This process tells nothing of itself.', 'Dieser Prozess sagt nichts über sich.'],
  ['This process has no chain.', 'Dieser Prozess hat keine Blockchain.'],
  ['The chain does not tell: ….', 'Die Blockchain gibt keine Auskunft: ….'],
  ['Too many long lists are read at once; try again later.', 'Zu viele lange Listen werden auf einmal gelesen; versuchen Sie es später erneut.'],
  ['Long lists take too long now; try again later.', 'Lange Listen brauchen gerade zu lange; versuchen Sie es später erneut.'],
  ['The current password is wrong.', 'Das jetzige Passwort ist falsch.'],
  ['This key asks more often than it may.', 'So oft darf nicht gefragt werden.'],
  ['Too many wrong keys came from this address.', 'Von dieser Adresse kamen zu viele falsche Schlüssel.'],
  ['Too many passwords were wrong; wait before the next.', 'Zu viele Passwörter waren falsch; warten Sie vor dem nächsten.'],
  ['Too many passwords are being checked; try again.', 'Zu viele Passwörter werden gerade geprüft; versuchen Sie es erneut.'],
  ['a password has … to … characters', 'Ein Passwort hat … bis … Zeichen.'],
  ['a password has more different characters than this one', 'Ein Passwort hat mehr verschiedene Zeichen als dieses.'],
  ['a password is more than the name', 'Ein Passwort ist mehr als der Name.'],
  ['there is no such account', 'Dieses Konto gibt es nicht.'],
  ['there is an account of this name already', 'Ein Konto dieses Namens gibt es schon.'],
  ['there are … accounts, and no more may be', 'Es gibt schon … Konten, und mehr dürfen es nicht sein.'],
  ['the accounts are being changed by others; try again', 'Die Konten werden gerade von anderen geändert; versuchen Sie es erneut.'],
  ['this is the last administrator; make another one before', 'Das ist der letzte Administrator; legen Sie vorher einen anderen an.'],
  ['there is no such API key', 'Diesen API-Schlüssel gibt es nicht.'],
  ['there are … API keys, and no more may be', 'Es gibt schon … API-Schlüssel, und mehr dürfen es nicht sein.'],
  ['there is no such webhook', 'Diesen Webhook gibt es nicht.'],
  ['there are … webhooks, and no more may be', 'Es gibt schon … Webhooks, und mehr dürfen es nicht sein.'],
  ['the webhooks were changed meanwhile: try again', 'Die Webhooks wurden inzwischen geändert: versuchen Sie es erneut.'],
  ['This service has no webhooks.', 'Dieser Dienst hat keine Webhooks.'],
  ['it should begin with https:// and a host', 'Sie sollte mit https:// und einem Host beginnen.'],
  ['it should have no user name and password', 'Sie sollte keinen Benutzernamen und kein Passwort haben.'],
  ['it should be plain ASCII, without spaces and fragment', 'Sie sollte nur aus ASCII-Zeichen bestehen, ohne Leerzeichen und Fragment.'],
  ['it is no URL', 'Das ist keine URL.'],
  ["its host can't be found", 'Der Host ist nicht zu finden.'],
  ['there is no such alert now', 'Diese Meldung gibt es nicht mehr.'],
  ['Parquet needs pyarrow: install noroam[parquet]', 'Parquet braucht pyarrow: Installieren Sie noroam[parquet].'],
  ['Integers of OCPP have 32 bits', 'Ganze Zahlen in OCPP haben 32 Bit.'],
  ['… is no time zone', '… ist keine Zeitzone.'],
  ['the minimum is above the maximum', 'Das Mindeste liegt über dem Höchsten.'],
  ['There is no such ….', 'Das gibt es nicht oder nicht mehr.'],
  ['Field required', 'Die Angabe fehlt.'],
  ['Extra inputs are not permitted', 'Diese Angabe ist hier nicht vorgesehen.'],
  ['Input should be a valid integer', 'Das ist keine ganze Zahl.'],
  ['Input should be a valid integer, unable to parse string as an integer', 'Das ist keine ganze Zahl.'],
  ['Input should be a valid string', 'Das ist kein Text.'],
  ['Input should be greater than …', 'Der Wert muss größer als … sein.'],
  ['Input should be greater than or equal to …', 'Der Wert muss mindestens … sein.'],
  ['Input should be less than or equal to …', 'Der Wert darf höchstens … sein.'],
  ['String should have at least … character', 'Es muss mindestens … Zeichen haben.'],
  ['String should have at least … characters', 'Es muss mindestens … Zeichen haben.'],
  ['String should have at most … character', 'Es darf höchstens … Zeichen haben.'],
  ['String should have at most … characters', 'Es darf höchstens … Zeichen haben.'],
];

const EXACT: ReadonlyMap<string, string> = new Map(GERMAN.filter(([said]) => !said.includes('…')));
const LOOSE: readonly (readonly [RegExp, string])[] = GERMAN.filter(([said]) => said.includes('…')).map(([said, german]) => [patternOf(said), german]);

/** Say a sentence of the API in German; null where it is not known. */
export function inGerman(said: string): string | null {
  const exact = EXACT.get(said);
  if (exact !== undefined) return exact;
  const found = LOOSE.map(([pattern, german]) => [pattern.exec(said), german] as const).find(([match]) => match);
  return found ? filled(found[1], found[0]?.slice(1) ?? []) : null;
}

function patternOf(said: string): RegExp {
  const plain = said.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${plain.join('(.+?)')}$`, 's');
}

function filled(german: string, values: readonly string[]): string {
  return german.split('…').reduce((text, part, place) => text + (place > 0 ? (values[place - 1] ?? '') : '') + part, '');
}
