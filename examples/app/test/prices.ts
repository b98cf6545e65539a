/** Prices tariffs: reads cases from a file of JSON, and prints their lines and hashes as JSON. */
import { readFileSync } from 'node:fs';
import { priceLines, type Usage } from '../src/noroam/price';
import { readTariff, tariffHash } from '../src/noroam/tariff';
import type { Tariff } from '../src/noroam';

interface Case {
  tariff: Tariff;
  usage: Usage;
}

const cases = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Case[];
const priced = cases.map(({ tariff, usage }) => ({
  hash: tariffHash(tariff),
  lines: priceLines(readTariff(tariff), usage).map(({ kind: _, ...line }) => ({
    ...line,
    quantity: String(line.quantity),
    amount: String(line.amount),
  })),
}));
process.stdout.write(JSON.stringify(priced));
