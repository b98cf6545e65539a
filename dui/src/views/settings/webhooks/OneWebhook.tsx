import { useState } from 'react';
import { dayAndTime } from '../../../format/units';
import { Fact, Facts } from '../../../parts/Facts';
import { Mark } from '../../../parts/Mark';
import { Panel } from '../../../parts/Panel';
import { Button } from '../../../patternfly';
import { say } from '../../../words/language';
import type { Tone } from '../../../words/phases';
import type { Webhook } from '../types';
import { WORDS } from '../words';
import { Deliveries } from './Deliveries';
import { WebhookActions } from './WebhookActions';
import type { FreshSecret } from './Webhooks';

interface OneWebhookProps {
  webhook: Webhook;
  onSecret: (fresh: FreshSecret) => void;
}

/** One receiver: how it goes, what was sent to it, and what can be changed. */
export function OneWebhook({ webhook, onSecret }: OneWebhookProps) {
  const { kinds: names, webhooks: words } = say(WORDS);
  const [isOpen, setOpen] = useState(false);
  const [tone, text] = stateOf(webhook);
  return (
    <Panel title={webhook.name} actions={<Mark tone={tone}>{text}</Mark>}>
      <div className="console-settings-part" data-webhook={webhook.name}>
        <Facts>
          <Fact name={words.url} isLong>
            <code>{webhook.url}</code>
          </Fact>
          <Fact name={words.kinds}>{webhook.kinds ? webhook.kinds.map((kind) => names[kind]).join(', ') : words.all}</Fact>
          <Fact name={words.lastDelivered}>{webhook.last_delivered_at && dayAndTime(webhook.last_delivered_at)}</Fact>
          {webhook.failing_since && <Fact name={words.failingSince}>{dayAndTime(webhook.failing_since)}</Fact>}
          {webhook.last_error && <Fact name={words.lastError}>{webhook.last_error}</Fact>}
          {webhook.waiting > 0 && <Fact name={words.waiting}>{webhook.waiting}</Fact>}
        </Facts>
        <p className="console-hint">{words.by(webhook.made_by, dayAndTime(webhook.made_at))}</p>
        <WebhookActions webhook={webhook} onSecret={onSecret} />
        <Button variant="link" isInline aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {words.deliveries}
        </Button>
        {isOpen && <Deliveries webhook={webhook} />}
      </div>
    </Panel>
  );
}

function stateOf({ enabled, disabled_at: disabledAt, failing_since: failingSince }: Webhook): [Tone, string] {
  const words = say(WORDS).webhooks;
  if (!enabled) return ['neutral', words.off];
  if (disabledAt) return ['danger', words.failedOff];
  return failingSince ? ['warning', words.failing] : ['success', words.on];
}
