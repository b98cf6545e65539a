import { useState } from 'preact/hooks';
import type { ReceiptCheck } from '../../noroam/types';
import { Icon } from '../parts/Icon';
import { Busy, Card, Notice, TroubleNotice } from '../parts/bits';
import { useModel } from '../hooks';
import type { SessionRecord } from '../keep';
import { type Trouble, troubleOf } from '../trouble';
import { words } from '../words';

const say = words.receipt;

/** Checks the receipt again, and shows each check. */
export function Verify({ record }: { record: SessionRecord }) {
  const model = useModel();
  const [checks, setChecks] = useState<ReceiptCheck[] | 'running'>();
  const [trouble, setTrouble] = useState<Trouble>();
  const verify = async () => {
    setTrouble(undefined);
    setChecks('running');
    try {
      setChecks(await model.verify(record));
    } catch (error) {
      setTrouble(troubleOf(error));
      setChecks(undefined);
    }
  };
  if (checks === 'running') return <Busy>{say.verifying}</Busy>;
  if (checks) return <Checks checks={checks} />;
  return (
    <>
      {trouble && <TroubleNotice trouble={trouble} />}
      <button type="button" class="button button-primary" onClick={() => void verify()}>
        <Icon name="shield" /> {say.verify}
      </button>
    </>
  );
}

function Checks({ checks }: { checks: ReceiptCheck[] }) {
  const good = checks.length > 0 && checks.every(({ ok }) => ok);
  return (
    <Card>
      <Notice tone={good ? 'good' : 'bad'} icon={good ? 'shield' : 'warning'} title={good ? say.good : say.bad} alert={!good} />
      <ul class="checks">
        {checks.map(({ name, ok, detail }) => (
          <li key={name} class={ok ? 'check' : 'check check-bad'}>
            <Icon name={ok ? 'check' : 'close'} size={20} />
            <span>
              {say.check(name)} <span class="unseen">{ok ? say.holds : say.fails}</span>
              {!ok && detail && <span class="hint">{detail}</span>}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
