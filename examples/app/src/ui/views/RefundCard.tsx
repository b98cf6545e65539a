import { useState } from 'preact/hooks';
import { Card, Notice, TroubleNotice } from '../parts/bits';
import { dateTime, exactAmount } from '../format';
import { useModel, useNow } from '../hooks';
import type { SessionRecord } from '../keep';
import { type Trouble, troubleOf } from '../trouble';
import { words } from '../words';

const say = words.trouble;

/** The way to take a deposit back; `quiet`: only once it is open. */
export function RefundCard({ record, quiet }: { record: SessionRecord; quiet?: boolean }) {
  const model = useModel();
  const now = useNow(1_000);
  const [state, setState] = useState<'idle' | 'sending' | 'sent'>('idle');
  const [trouble, setTrouble] = useState<Trouble>();
  const live = model.session(record.sessionId);
  const opensAt = record.refundOpensAt;
  const open = now >= opensAt;
  if (!live || (quiet && !open)) return null;
  const refund = async () => {
    setState('sending');
    setTrouble(undefined);
    try {
      await live.refund(model.wallet);
      setState('sent');
    } catch (error) {
      setTrouble(troubleOf(error));
      setState('idle');
    }
  };
  if (state === 'sent') return <Notice tone="good" icon="check" title={say.refundDone} />;
  return (
    <Card>
      <p>{open ? say.refundOpen : say.refundFrom(dateTime(opensAt))}</p>
      {trouble && <TroubleNotice trouble={trouble} />}
      <button
        type="button"
        class="button button-primary"
        disabled={!open || state === 'sending'}
        onClick={() => void refund()}
      >
        {state === 'sending' ? say.refunding : `${say.refund} (${exactAmount(record.view.deposit, record.view.token)})`}
      </button>
    </Card>
  );
}
