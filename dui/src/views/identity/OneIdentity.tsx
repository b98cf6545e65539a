import { IdCardIcon } from '@patternfly/react-icons';
import { useEffect } from 'react';
import { Link, useSearchParams } from 'wouter';
import { path } from '../../http/client';
import { useRead } from '../../http/hooks';
import { EmptyView } from '../../parts/EmptyView';
import { Loading } from '../../parts/Loading';
import { Mark } from '../../parts/Mark';
import { PageTitle } from '../../parts/PageTitle';
import { ProblemView } from '../../parts/ProblemView';
import { useMay } from '../../shell/me';
import { WORDS as SHELL } from '../../shell/words';
import { identityWords } from '../../words/identity';
import { say } from '../../words/language';
import { BalancesPanel } from './BalancesPanel';
import { CredentialPanel } from './CredentialPanel';
import { DocumentPanel } from './DocumentPanel';
import { GiveUp } from './GiveUp';
import { HistoryPanel } from './HistoryPanel';
import { LabelPanel } from './LabelPanel';
import { StatePanel } from './StatePanel';
import type { ChainIdentity, KeptIdentity } from './types';
import { WORDS } from './words';

const NOT_FOUND = 404;
const KEPT_EVERY_MS = 5_000;
const CHAIN_EVERY_MS = 30_000;

/** Who one charge point is: what was kept, what the chain says, its label, and how it changed. */
export function OneIdentity({ id }: { id: string }) {
  const words = say(WORDS);
  const isAdministrator = useMay('administrator');
  const [search] = useSearchParams();
  const block = search.get('block');
  const place = path`/charge-points/${id}/identity`;
  const { data: kept, error, refetch } = useRead<KeptIdentity>(place, {}, { every: KEPT_EVERY_MS });
  const now = useRead<ChainIdentity>(`${place}/chain`, {}, { every: CHAIN_EVERY_MS });
  const then = useRead<ChainIdentity>(block ? `${place}/chain` : null, { block });
  useEffect(() => {
    document.title = say(SHELL).title(`${id} · ${words.title}`);
  }, [id, words]);
  if (error?.status === NOT_FOUND) return <Unknown />;
  const state = kept && identityWords(kept.state, kept.reason);
  return (
    <>
      <PageTitle
        above={{ href: '/identity', name: words.title }}
        actions={state && <Mark tone={state.tone}>{state.label}</Mark>}
        hint={<Link href={path`/charge-points/${id}`}>{words.chargePoint}</Link>}
      >
        {id}
      </PageTitle>
      {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
      {!kept && !error && <Loading />}
      {kept && (
        <>
          <div className="console-grid">
            <div className="console-column">
              <StatePanel kept={kept} chain={now.data ?? null} isSilent={now.error !== null} />
              <DocumentPanel kept={kept} now={now.data ?? null} then={block ? then : null} />
            </div>
            <div className="console-column">
              <LabelPanel kept={kept} />
              <CredentialPanel id={id} credential={now.data?.credential ?? kept.credential} />
              <BalancesPanel kept={kept} chain={now.data ?? null} />
            </div>
          </div>
          <HistoryPanel id={id} />
          {isAdministrator && kept.did && <GiveUp id={id} did={kept.did} isGone={now.data?.deactivated ?? false} />}
        </>
      )}
    </>
  );
}

function Unknown() {
  const words = say(WORDS);
  return (
    <EmptyView icon={IdCardIcon} title={words.unknown} level="h1">
      <Link href="/identity">{words.toList}</Link>
    </EmptyView>
  );
}
