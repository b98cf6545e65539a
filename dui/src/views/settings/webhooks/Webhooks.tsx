import { BellIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { useRead } from '../../../http/hooks';
import { EmptyView } from '../../../parts/EmptyView';
import { Loading } from '../../../parts/Loading';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { say } from '../../../words/language';
import { ShownOnce } from '../ShownOnce';
import type { List, Webhook } from '../types';
import { WORDS } from '../words';
import { AddWebhook } from './AddWebhook';
import { OneWebhook } from './OneWebhook';

const EVERY_MS = 5_000;

/** A secret that was just made, and of which webhook. */
export interface FreshSecret {
  name: string;
  secret: string;
}

/** Where news of alerts is sent, and how that goes. */
export function Webhooks() {
  const { tabs, webhooks: words } = say(WORDS);
  const { data, error, refetch } = useRead<List<Webhook>>('/webhooks', {}, { every: EVERY_MS });
  const [fresh, setFresh] = useState<FreshSecret | null>(null);
  return (
    <>
      {fresh && (
        <ShownOnce
          key={fresh.secret}
          title={words.fresh(fresh.name)}
          name={words.secret}
          text={fresh.secret}
          hint={words.secretAbout}
          onClose={() => setFresh(null)}
        />
      )}
      {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      <p className="console-hint">{words.about}</p>
      {data?.items.length === 0 && (
        <Panel title={tabs.webhooks}>
          <EmptyView icon={BellIcon} title={words.none} level="h3">
            {words.noneAdvice}
          </EmptyView>
        </Panel>
      )}
      {data?.items.map((webhook) => (
        <OneWebhook key={webhook.id} webhook={webhook} onSecret={setFresh} />
      ))}
      <AddWebhook onSecret={setFresh} />
    </>
  );
}
