import { count } from '../../../format/units';
import { path } from '../../../http/client';
import { useChange } from '../../../http/hooks';
import { Confirm } from '../../../parts/Confirm';
import { Mark } from '../../../parts/Mark';
import { ProblemView } from '../../../parts/ProblemView';
import { Button } from '../../../patternfly';
import { say } from '../../../words/language';
import type { Delivery, Webhook } from '../types';
import { WORDS } from '../words';
import type { FreshSecret } from './Webhooks';

interface WebhookActionsProps {
  webhook: Webhook;
  onSecret: (fresh: FreshSecret) => void;
}

/** Tries a receiver, switches it, gives it a new secret, or removes it. */
export function WebhookActions({ webhook, onSecret }: WebhookActionsProps) {
  const { remove: removeWord, webhooks: words } = say(WORDS);
  const place = path`/webhooks/${webhook.id}`;
  const test = useChange<Delivery>('POST', `${place}/test`, ['/webhooks']);
  const change = useChange<Webhook & { secret: string | null }, { enabled?: boolean; new_secret?: true }>('PATCH', place, ['/webhooks']);
  const remove = useChange<null>('DELETE', place, ['/webhooks']);
  const works = webhook.enabled && !webhook.disabled_at;
  const problem = test.error ?? change.error ?? remove.error;
  const renew = () =>
    change.mutate({ new_secret: true }, { onSuccess: ({ name, secret }) => secret && onSecret({ name, secret }) });
  return (
    <>
      <div className="console-settings-actions">
        <Button variant="secondary" isLoading={test.isPending} isDisabled={test.isPending} onClick={() => test.mutate(undefined)}>
          {words.test}
        </Button>
        <Button variant="secondary" isDisabled={change.isPending} onClick={() => change.mutate({ enabled: !works })}>
          {works ? words.switchOff : words.switchOn}
        </Button>
        <Confirm
          label={words.newSecret}
          question={words.newSecretQuestion(webhook.name)}
          consequence={words.newSecretConsequence}
          isDanger={false}
          isDisabled={change.isPending}
          onConfirm={renew}
        />
        <Confirm
          label={removeWord}
          question={words.removeQuestion(webhook.name)}
          consequence={words.removeConsequence}
          isLoading={remove.isPending}
          onConfirm={() => remove.mutate(undefined)}
        />
      </div>
      <div aria-live="polite" className="console-settings-answer">
        {test.data && <Tested delivery={test.data} />}
        {problem && <ProblemView problem={problem} />}
      </div>
    </>
  );
}

function Tested({ delivery }: { delivery: Delivery }) {
  const words = say(WORDS).webhooks;
  if (delivery.state === 'delivered') return <Mark tone="success">{words.testOk(count(delivery.milliseconds ?? 0))}</Mark>;
  const why = [delivery.response_status, delivery.error].filter(Boolean).join(' · ');
  return (
    <>
      <Mark tone="danger">{words.testFailed}</Mark> <span className="console-hint">{why}</span>
    </>
  );
}
