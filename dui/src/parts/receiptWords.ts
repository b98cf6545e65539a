import { count, duration, plainKilowattHours } from '../format/units';
import { numberFormat } from '../format/locale';
import type { PriceLine } from '../wire/types';
import { type Catalogue, say } from '../words/language';

const en = {
  title: 'Receipt',
  deposit: 'Deposit',
  spent: 'Spent, to the station',
  refund: 'Refund, to the driver',
  transaction: 'Transaction',
  transactionHash: 'transaction hash',
  energy: (kwh: string) => `Energy, ${kwh} kWh`,
  session: 'Session fee',
  time: (long: string) => `Time, ${long}`,
  idle: (long: string) => `Occupied while full, ${long}`,
  tax: (share: string) => `Tax, ${share}`,
  minimum: 'To the minimum price',
  maximum: 'To the maximum price',
};

const de: typeof en = {
  title: 'Beleg',
  deposit: 'Guthaben',
  spent: 'Verbraucht, an die Station',
  refund: 'Erstattung, an den Fahrer',
  transaction: 'Transaktion',
  transactionHash: 'Transaktionshash',
  energy: (kwh) => `Energie, ${kwh} kWh`,
  session: 'Grundgebühr',
  time: (long) => `Zeit, ${long}`,
  idle: (long) => `Belegt nach Ladeende, ${long}`,
  tax: (share) => `Steuer, ${share}`,
  minimum: 'Bis zum Mindestpreis',
  maximum: 'Bis zum Höchstpreis',
};

export const WORDS: Catalogue<typeof en> = { en, de };

const PPM = 1_000_000;

/** What a line of a price stands for. */
export function lineName(line: PriceLine): string {
  const words = say(WORDS);
  switch (line.item) {
    case 'energy':
      return words.energy(plainKilowattHours(line.quantity));
    case 'time':
      return words.time(duration(line.quantity * 1000));
    case 'idle':
      return words.idle(duration(line.quantity * 1000));
    case 'tax':
      return words.tax(numberFormat({ style: 'percent', maximumFractionDigits: 4 }).format(line.quantity / PPM));
    case 'session':
    case 'minimum':
    case 'maximum':
      return words[line.item];
    default:
      return `${line.item.replaceAll('_', ' ')}, ${count(line.quantity)} ${line.unit}`;
  }
}
