import { useState } from 'react';
import { dayAndTime } from '../../../format/units';
import { path } from '../../../http/client';
import { useChange, useRead } from '../../../http/hooks';
import { Confirm } from '../../../parts/Confirm';
import { Mark } from '../../../parts/Mark';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Button } from '../../../patternfly';
import { say } from '../../../words/language';
import type { Waiting } from '../types';
import { WORDS } from '../words';
import { RegisterForm } from './RegisterForm';

/** Unknown charge points that came and wait; each can be admitted or dismissed. */
export function Quarantine() {
  const words = say(WORDS).quarantine;
  const { data, error } = useRead<{ items: Waiting[] }>('/quarantine', {}, { every: 10_000 });
  const [admitting, setAdmitting] = useState<Waiting | null>(null);
  if (error) return <ProblemView problem={error} />;
  const items = data?.items ?? [];
  // The one that was just admitted has left the list; its password is still to be read.
  if (items.length === 0 && !admitting) return null;
  return (
    <Panel title={words.title}>
      <p className="console-hint">{words.about}</p>
      <ul className="console-cp-waiting">
        {items.map((waiting) => (
          <li key={waiting.charge_point_id}>
            <Row waiting={waiting} onAdmit={() => setAdmitting(waiting)} />
          </li>
        ))}
      </ul>
      {admitting && <RegisterForm key={admitting.charge_point_id} waiting={admitting} onClose={() => setAdmitting(null)} />}
    </Panel>
  );
}

function Row({ waiting, onAdmit }: { waiting: Waiting; onAdmit: () => void }) {
  const words = say(WORDS).quarantine;
  const id = waiting.charge_point_id;
  const dismiss = useChange('DELETE', path`/quarantine/${id}`, ['/quarantine']);
  const kind = [waiting.vendor, waiting.model, waiting.serial_number].filter(Boolean).join(' ');
  return (
    <div className="console-cp-waiting-row">
      <strong>{id}</strong>
      <span>{kind}</span>
      <span className="console-hint">
        {words.from(waiting.address)} · {words.since(dayAndTime(waiting.first_seen), dayAndTime(waiting.last_seen))} ·{' '}
        {waiting.password_presented ? words.withPassword : words.withoutPassword}
      </span>
      {waiting.contested && <Mark tone="danger">{words.contested}</Mark>}
      <span className="console-cp-actions">
        <Button onClick={onAdmit}>{words.admit}</Button>
        <Confirm
          label={words.dismiss}
          question={words.dismissQuestion(id)}
          consequence={words.dismissConsequence}
          variant="link"
          isLoading={dismiss.isPending}
          onConfirm={() => dismiss.mutate(undefined)}
        />
      </span>
      {dismiss.error && <ProblemView problem={dismiss.error} />}
    </div>
  );
}
