/**
 * Charges at stations and prints what happens as lines of JSON.
 *
 * Its one argument is JSON: a Task. Without labels it takes up what is in the store.
 */
import { createApp, localTestWallet, memoryStore, NoroamError } from '../src/noroam';
import type { ChargingSession, SessionView, Station } from '../src/noroam';
import { fileStore } from './file-store';

interface Task {
  config: Parameters<typeof createApp>[0];
  /** One session at each, all at once. */
  labels: string[];
  privateKey: string;
  deposit: string;
  /** Null: never. */
  stopAfterWh: number | null;
  store?: string;
  /** Take the payout that is left to the driver, or the deposit as soon as that is possible. */
  takeBack?: boolean;
}

const task = JSON.parse(process.argv[2] ?? '') as Task;
const { config, labels, privateKey, deposit, stopAfterWh, store } = task;

function tell(event: string, more: object = {}): void {
  const text = JSON.stringify({ event, ...more }, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  process.stdout.write(`${text}\n`);
}

const app = await createApp(config, store ? fileStore(store) : memoryStore());
const wallet = localTestWallet(config.chainUrl, config.chainId, privateKey);

async function begin(label: string): Promise<void> {
  const { did, connectorId } = app.parseLabel(label);
  const connection = await app.connect(did);
  const { station, token } = connection;
  const availability = await connection.availability(connectorId);
  tell('connected', { station, token, availability });
  const quote = await connection.quote(connectorId, BigInt(deposit), wallet.address);
  tell('quote', { ...quote });
  await finish(await connection.start(quote, wallet), station);
  await connection.close();
}

async function finish(session: ChargingSession, station?: Station): Promise<void> {
  let isStopping = false;
  session.subscribe((view: SessionView) => {
    const { phase, connected, energyWh, cost, voucher, powerW, over, disputed, failure } = view;
    const shown = { phase, connected, cost, voucher, power_w: powerW, over, disputed, failure };
    tell('status', { session_id: view.sessionId, energy_wh: energyWh, ...shown });
    if (stopAfterWh !== null && energyWh >= stopAfterWh && !isStopping) {
      isStopping = true;
      session.stop().catch((error: unknown) => tell('not_stopped', { error: String(error) }));
    }
  });
  if (task.takeBack) void takeBack(session);
  const { receipt, failure, phase } = await session.ended();
  if (!receipt) return tell('ended', { phase, failure });
  const checks = station ? await app.verifyReceipt(receipt, station) : [];
  tell('receipt', { receipt: receipt.payload, checks });
}

async function takeBack(session: ChargingSession): Promise<void> {
  for (;;) {
    try {
      const { payoutLeft, phase } = session.view;
      if (payoutLeft || phase === 'charging') {
        return tell('taken_back', { transaction_hash: await session.refund() });
      }
    } catch (error) {
      if (!(error instanceof NoroamError) || error.code !== 'too_early') throw error;
      tell('too_early', { advice: error.advice });
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

try {
  if (labels.length) await Promise.all(labels.map(begin));
  else await Promise.all((await app.resumeAll()).map((session) => finish(session)));
} catch (error) {
  if (!(error instanceof NoroamError)) throw error;
  const { code, advice, message } = error;
  tell('error', { code, advice, message });
}
await app.close();
