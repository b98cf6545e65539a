/** What can be wrong with a receipt; see `sdk/records/receipts.py`, which says it in English. */

import { type Catalogue, say } from '../../words/language';

type Rule = readonly [RegExp, string];

const de: readonly Rule[] = [
  [/^it is signed by (0x\w+), not by the provider$/, 'unterschrieben hat $1, nicht die Station'],
  [/^the provider is not the account of its DID$/, 'das Konto der Station ist nicht das ihrer DID'],
  [/^spent and refund are not the deposit$/, 'Verbrauch und Erstattung ergeben nicht das Guthaben'],
  [/^a refunded session spent something$/, 'ein erstatteter Vorgang hat etwas verbraucht'],
  [/^the energy is not the difference of the readings$/, 'die Energie ist nicht der Unterschied der Zählerstände'],
  [/^the usage is not of these readings$/, 'der Verbrauch gehört nicht zu diesen Zählerständen'],
  [/^the usage does not begin with the transaction$/, 'der Verbrauch beginnt nicht mit der Transaktion'],
  [/^the price lines do not follow from tariff and (usage|energy)$/, 'die Preiszeilen folgen nicht aus Tarif und Verbrauch'],
  [/^without its usage the price can't be computed$/, 'ohne Verbrauch lässt sich der Preis nicht nachrechnen'],
  [/^(\d+) was spent, which is more than the price of (\d+)$/, 'verbraucht wurden $1, mehr als der Preis von $2'],
  [/^(\d+) was spent, and not the price of (\d+)$/, 'verbraucht wurden $1 statt des Preises von $2'],
];

const RULES: Catalogue<readonly Rule[]> = { en: [], de };

/** Say what is wrong with a receipt; what is not known stays as the server said it. */
export function faultWords(fault: string): string {
  const rule = say(RULES).find(([pattern]) => pattern.test(fault));
  return rule ? fault.replace(rule[0], rule[1]) : fault;
}
