import { Icon } from '../parts/Icon';
import { Card, Fact, Facts } from '../parts/bits';
import { Screen } from '../parts/Screen';
import { energy, shortAmount } from '../format';
import type { SessionRecord } from '../keep';
import { endingSteps } from '../phases';
import { hashOf } from '../route';
import { words } from '../words';
import { RefundCard } from './RefundCard';
import { Reach } from './SessionScreen';

const say = words.ending;

/** The settling, step by step. */
export function Ending({ record }: { record: SessionRecord }) {
  const { view } = record;
  const done = endingSteps(view.phase);
  return (
    <Screen title={say.title} back={hashOf({ at: 'start' })} aside={<Reach record={record} />}>
      <p class="lead" aria-live="polite" data-phase={view.phase}>
        {view.stopReason ? words.stoppedBy(view.stopReason) : words.phase(view.phase)}
      </p>
      <Card>
        <ol class="steps">
          {Object.values(say.steps).map((step, index) => {
            const state = index < done ? 'done' : index === done ? 'doing' : 'open';
            return (
              <li key={step} class={`step step-${state}`} aria-current={state === 'doing' ? 'step' : undefined}>
                <span class="step-mark">{state === 'done' && <Icon name="check" size={18} />}</span>
                {step} <span class="unseen">{say[state]}</span>
              </li>
            );
          })}
        </ol>
      </Card>
      <Card>
        <Facts>
          <Fact name={words.session.energy} figure="energy">{energy(view.energyWh)}</Fact>
          <Fact name={words.session.cost} figure="cost">{shortAmount(view.cost, view.token)}</Fact>
        </Facts>
      </Card>
      <p class="hint centred">{say.wait}</p>
      <RefundCard record={record} quiet />
    </Screen>
  );
}
