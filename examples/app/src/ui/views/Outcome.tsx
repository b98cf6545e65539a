import { useState } from 'preact/hooks';
import type { ReceiptView } from '../../noroam/types';
import { Icon } from '../parts/Icon';
import { Card, Copyable, Fact, Facts, Notice, Sheet } from '../parts/bits';
import { Screen } from '../parts/Screen';
import { dateTime, energy, exactAmount, shortNumber } from '../format';
import { useModel } from '../hooks';
import type { SessionRecord } from '../keep';
import { go, hashOf } from '../route';
import { nameOf } from '../stations';
import { words } from '../words';
import { Verify } from './Verify';
import { receiptFile, saveFile } from '../receiptFile';

const say = words.receipt;

/** How a session ended: its receipt, or that nothing was paid. */
export function Outcome({ record }: { record: SessionRecord }) {
  const { view } = record;
  const { receipt } = view;
  return (
    <Screen title={say.title} back={hashOf({ at: 'start' })}>
      {view.failure && (
        <Notice tone="warn" icon="warning" title={words.trouble.failed}>
          <p>{words.failure(view.failure)}</p>
        </Notice>
      )}
      {receipt ? (
        <Receipt record={record} receipt={receipt} />
      ) : (
        <p class="lead">{view.phase === 'refunded' ? words.trouble.taken : say.noReceipt}</p>
      )}
      <Remove record={record} />
    </Screen>
  );
}

function Receipt({ record, receipt }: { record: SessionRecord; receipt: ReceiptView }) {
  const { view, station } = record;
  const { token } = view;
  return (
    <>
      <section class="total">
        <span class="total-mark"><Icon name="check" size={28} /></span>
        <p class="hint">{receipt.spent > 0n ? say.spent : say.refunded}</p>
        <p class="total-figure">
          <span data-figure="total">{shortNumber(receipt.spent > 0n ? receipt.spent : receipt.refund, token)}</span>{' '}
          <small>{token.symbol}</small>
        </p>
        <p class="hint">{energy(receipt.energyWh, 3)} · {nameOf(station)} · {dateTime(record.startedAt)}</p>
      </section>
      <Lines record={record} receipt={receipt} />
      <Verify record={record} />
      <Card>
        <Facts>
          {view.stopReason && <Fact name={say.ended}>{words.stoppedBy(view.stopReason)}</Fact>}
          <Fact name={say.transaction}><Copyable text={receipt.transactionHash} /></Fact>
          <Fact name={say.session}><Copyable text={record.sessionId} /></Fact>
        </Facts>
      </Card>
      <Give record={record} />
    </>
  );
}

function Lines({ record, receipt }: { record: SessionRecord; receipt: ReceiptView }) {
  const { token, deposit } = record.view;
  const lines = receipt.priceLines.reduce((sum, { amount }) => sum + amount, 0n);
  return (
    <Card title={say.lines}>
      {receipt.priceLines.length === 0 && <p class="hint">{say.nothing}</p>}
      <Facts>
        {receipt.priceLines.map((line, index) => (
          <Fact key={index} name={say.line(line.kind)}>{exactAmount(line.amount, token)}</Fact>
        ))}
        {lines !== receipt.spent && receipt.priceLines.length > 0 && (
          <Fact name={say.waived}>{exactAmount(receipt.spent - lines, token)}</Fact>
        )}
        <div class="fact fact-sum">
          <dt>{say.spent}</dt>
          <dd data-figure="spent">{exactAmount(receipt.spent, token)}</dd>
        </div>
        <Fact name={say.refund} figure="refund">{exactAmount(receipt.refund, token)}</Fact>
        <Fact name={say.deposit} figure="deposit">{exactAmount(deposit, token)}</Fact>
      </Facts>
    </Card>
  );
}

/** The receipt as a file, or to whatever the device shares with. */
function Give({ record }: { record: SessionRecord }) {
  const file = receiptFile(record);
  const shareable = { files: [file], title: say.shared(nameOf(record.station)) };
  const shares = Boolean(navigator.canShare?.(shareable));
  return (
    <div class="pair">
      <button type="button" class="button" onClick={() => saveFile(file)}>
        <Icon name="download" /> {say.download}
      </button>
      {shares && (
        <button
          type="button"
          class="button"
          onClick={() => navigator.share(shareable).catch((error: unknown) => console.info('not shared', error))}
        >
          <Icon name="share" /> {say.share}
        </button>
      )}
    </div>
  );
}

function Remove({ record }: { record: SessionRecord }) {
  const model = useModel();
  const [asking, setAsking] = useState(false);
  const remove = () => {
    go({ at: 'start' });
    void model.remove(record.sessionId);
  };
  return (
    <>
      <button type="button" class="button button-quiet" onClick={() => setAsking(true)}>{say.remove}</button>
      <Sheet title={say.removeAsk} open={asking} onClose={() => setAsking(false)}>
        <p>{say.removeText}</p>
        <button type="button" class="button button-stop" onClick={remove}>{say.removeYes}</button>
        <button type="button" class="button" onClick={() => setAsking(false)}>{words.cancel}</button>
      </Sheet>
    </>
  );
}
