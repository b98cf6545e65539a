import type { Catalogue } from '../../../words/language';

const en = {
  title: 'Find a session by its receipt',
  about: 'A driver who asks has a receipt in their app. Paste it here: the whole text, its hash, the hash of the payout, or the session’s id.',
  receipt: 'Receipt or hash',
  find: 'Find',
  operatorsOnly: 'Only operators may look for a driver’s session.',
  none: 'Nothing was found',
  noneAdvice: 'No session here has this hash. It may be of another operator, or a digit is missing.',
  results: 'Found',
  ours: 'It is exactly the receipt that was given here',
  notOurs: 'A receipt of this session is stored here, but it is another one',
  notStored: 'No session like that ended here',
  noReceipt: 'There is no receipt of this session',
  open: 'Open the session',
  session: 'Session',
  signer: 'Signed by',
};

const de: typeof en = {
  title: 'Ladevorgang mit Beleg suchen',
  about: 'Wer nachfragt, hat einen Beleg in der App. Fügen Sie ihn hier ein: den ganzen Text, seinen Hash, den Hash der Auszahlung oder die Kennung des Vorgangs.',
  receipt: 'Beleg oder Hash',
  find: 'Suchen',
  operatorsOnly: 'Nur Betreiber dürfen den Ladevorgang eines Fahrers suchen.',
  none: 'Nichts gefunden',
  noneAdvice: 'Kein Ladevorgang hier hat diesen Hash. Vielleicht gehört er zu einem anderen Betreiber, oder es fehlt eine Stelle.',
  results: 'Gefunden',
  ours: 'Genau dieser Beleg wurde hier ausgestellt',
  notOurs: 'Zu diesem Vorgang ist hier ein anderer Beleg gespeichert',
  notStored: 'Ein solcher Ladevorgang ist hier nicht beendet',
  noReceipt: 'Zu diesem Vorgang gibt es keinen Beleg',
  open: 'Ladevorgang öffnen',
  session: 'Ladevorgang',
  signer: 'Unterschrieben von',
};

export const WORDS: Catalogue<typeof en> = { en, de };
