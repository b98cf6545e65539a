import { Icon } from '../parts/Icon';
import { dateTime, energy, shortAmount } from '../format';
import type { SessionRecord } from '../keep';
import { stageOf } from '../phases';
import { hashOf } from '../route';
import { nameOf } from '../stations';
import { words } from '../words';

/** One session in a list: where, when, and how it stands. */
export function SessionRow({ record }: { record: SessionRecord }) {
  const { view } = record;
  const receipt = view.receipt;
  const stage = stageOf(record);
  const over = stage === 'ended';
  return (
    <li>
      <a class="row" href={hashOf({ at: 'session', id: record.sessionId })}>
        <span class={`row-icon row-icon-${stage}`}>
          <Icon name={over ? 'check' : stage === 'stuck' ? 'warning' : 'bolt'} />
        </span>
        <span class="row-text">
          <strong>{nameOf(record.station)}</strong>
          <span class="hint">{over ? dateTime(record.startedAt) : words.phase(view.phase)}</span>
        </span>
        <span class="row-end">
          <strong>{shortAmount(receipt?.spent ?? view.cost, view.token)}</strong>
          <span class="hint">{energy(receipt?.energyWh ?? view.energyWh)}</span>
        </span>
      </a>
    </li>
  );
}
