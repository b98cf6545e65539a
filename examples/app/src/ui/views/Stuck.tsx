import { Card, Fact, Facts, Notice } from '../parts/bits';
import { Screen } from '../parts/Screen';
import { energy, exactAmount } from '../format';
import type { SessionRecord } from '../keep';
import { hashOf } from '../route';
import { nameOf } from '../stations';
import { words } from '../words';
import { RefundCard } from './RefundCard';
import { Reach } from './SessionScreen';

/** A session that does not end by itself: what is the matter, and the deposit back. */
export function Stuck({ record }: { record: SessionRecord }) {
  const { view } = record;
  return (
    <Screen
      title={nameOf(record.station)}
      back={hashOf({ at: 'start' })}
      aside={<Reach record={record} />}
    >
      {view.phase === 'rejected' ? (
        <Notice tone="warn" icon="warning" title={words.trouble.failed} alert>
          {view.failure && <p>{words.failure(view.failure)}</p>}
          <p>{words.trouble.failedText}</p>
        </Notice>
      ) : (
        <Notice tone="warn" icon="warning" title={words.trouble.disputed} alert>
          <p>{words.trouble.disputedText}</p>
          {view.disputed && <p class="hint">{view.disputed}</p>}
        </Notice>
      )}
      <RefundCard record={record} />
      <Card>
        <Facts>
          <Fact name={words.session.deposit}>{exactAmount(view.deposit, view.token)}</Fact>
          <Fact name={words.session.energy}>{energy(view.energyWh)}</Fact>
          <Fact name={words.session.cost}>{exactAmount(view.cost, view.token)}</Fact>
          <Fact name={words.session.signed}>{exactAmount(view.voucher, view.token)}</Fact>
        </Facts>
      </Card>
    </Screen>
  );
}
