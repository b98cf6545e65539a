import { dayAndTime } from '../../format/units';
import { path } from '../../http/client';
import { useChange } from '../../http/hooks';
import { Copyable } from '../../parts/Copyable';
import { Fact, Facts } from '../../parts/Facts';
import { Mark } from '../../parts/Mark';
import { Panel } from '../../parts/Panel';
import { ProblemView } from '../../parts/ProblemView';
import { Alert, Button } from '../../patternfly';
import { useMay } from '../../shell/me';
import { identityReason, identityWords } from '../../words/identity';
import { say } from '../../words/language';
import { Answer } from './Answer';
import type { ChainIdentity, KeptIdentity, Published } from './types';
import { WORDS } from './words';

interface StatePanelProps {
  kept: KeptIdentity;
  chain: ChainIdentity | null;
  /** The chain was asked and did not answer. */
  isSilent: boolean;
}

/** How far it got, what stands in its way, and the way to publish it again. */
export function StatePanel({ kept, chain, isSilent }: StatePanelProps) {
  const words = say(WORDS);
  const { advice } = identityWords(kept.state, kept.reason);
  const reason = chain && !chain.trusted && chain.reason ? identityReason(chain.reason) : null;
  return (
    <Panel title={words.now}>
      <div className="console-identity-part">
        {advice && <Advice title={advice} detail={kept.detail} />}
        {isSilent && !chain && <p>{words.chainSilent}</p>}
        {chain?.same_as_kept === false && !chain.deactivated && <Advice title={words.differs} />}
        <Facts>
          {kept.did && (
            <Fact name={words.did} isLong figure="did">
              <Copyable text={kept.did} name={words.did} whole />
            </Fact>
          )}
          <Fact name={words.account} isLong>
            {kept.address && <Copyable text={kept.address} name={words.account} whole />}
          </Fact>
          {chain && chain.owner !== kept.address && (
            <Fact name={words.owner} isLong>
              <Copyable text={chain.owner} name={words.owner} whole />
            </Fact>
          )}
          <Fact name={words.chain}>{kept.chain_id}</Fact>
          {chain && (
            <Fact name={words.trust} figure="trusted">
              <Mark tone={chain.trusted ? 'success' : 'danger'} title={chain.detail ?? undefined}>
                {chain.trusted ? words.trusted : words.untrusted}
              </Mark>
            </Fact>
          )}
          <Fact name={words.checked}>{kept.updated_at && dayAndTime(kept.updated_at)}</Fact>
        </Facts>
        {reason && reason !== advice && <p className="console-hint">{reason}</p>}
        <Publish id={kept.charge_point_id} />
      </div>
    </Panel>
  );
}

function Advice({ title, detail }: { title: string; detail?: string | null }) {
  return (
    <Alert component="h3" isInline variant="warning" title={title}>
      {detail}
    </Alert>
  );
}

function Publish({ id }: { id: string }) {
  const words = say(WORDS);
  const place = path`/charge-points/${id}/identity`;
  const publish = useChange<Published>('POST', `${place}/publish`, [place]);
  const mayPublish = useMay('operator');
  if (!mayPublish) return null;
  const { data } = publish;
  return (
    <div className="console-identity-act">
      <Button variant="secondary" isLoading={publish.isPending} isDisabled={publish.isPending} onClick={() => publish.mutate(undefined)}>
        {words.publish}
      </Button>
      <div aria-live="polite">
        {data && (
          <Answer
            isDone={data.outcome === 'published'}
            title={data.outcome === 'published' ? words.published(data.transactions.length) : words.publishFailed}
            answer={data}
            transactions={data.transactions}
          />
        )}
        {publish.error && <ProblemView problem={publish.error} />}
      </div>
    </div>
  );
}
