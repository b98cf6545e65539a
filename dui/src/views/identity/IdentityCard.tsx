import { Alert, Card, CardBody, CardHeader, CardTitle, EmptyState, EmptyStateBody } from '../../patternfly';
import { IdCardIcon } from '@patternfly/react-icons';
import { QRCodeSVG } from 'qrcode.react';
import type { ReactNode } from 'react';
import { isNative, nativeToken, type Token } from '../../format/amount';
import type { Identity, Status } from '../../wire/types';
import { identityWords } from '../../words/identity';
import { Amount } from '../../parts/Amount';
import { Copyable } from '../../parts/Copyable';
import { Mark } from '../../parts/Mark';

interface IdentityCardProps {
  identity: Identity | null;
  status: Status | null;
  connectorId: number;
}

/** Who the station is: the code that drivers scan, its DID and accounts. */
export function IdentityCard({ identity, status, connectorId }: IdentityCardProps) {
  const words = identity && identityWords(identity.state, identity.reason);
  return (
    <Card component="section" aria-label="Identity">
      <CardHeader actions={{ actions: words && <Mark tone={words.tone}>{words.label}</Mark>, hasNoOffset: true }}>
        <CardTitle component="h2">Identity</CardTitle>
      </CardHeader>
      <CardBody className="console-identity">
        {words?.advice && <Alert component="h3" isInline isPlain variant="warning" title={words.advice} />}
        {identity?.did ? <Code text={codeText(identity, connectorId)} connectorId={connectorId} /> : <NoIdentity />}
        {identity && <Facts identity={identity} status={status} />}
      </CardBody>
    </Card>
  );
}

function Code({ text, connectorId }: { text: string; connectorId: number }) {
  return (
    <figure className="console-qr">
      <QRCodeSVG value={text} size={176} marginSize={4} title={`QR code of ${text}`} />
      <figcaption>Scan to charge at connector {connectorId}</figcaption>
    </figure>
  );
}

function NoIdentity() {
  return (
    <EmptyState icon={IdCardIcon} titleText="No DID yet" headingLevel="h3" variant="xs">
      <EmptyStateBody>It is made and published as soon as the station is onboarded.</EmptyStateBody>
    </EmptyState>
  );
}

function Facts({ identity, status }: { identity: Identity; status: Status | null }) {
  const native = nativeToken(status?.chain.chain_id);
  const boot = [status?.boot?.vendor, status?.boot?.model].filter(Boolean).join(' ');
  return (
    <dl className="console-facts">
      {identity.did && (
        <Fact term="DID" isLong>
          <Copyable text={identity.did} name="DID" whole />
        </Fact>
      )}
      {identity.address && (
        <Fact term="Account">
          <Copyable text={identity.address} name="account" />
        </Fact>
      )}
      <Fact term="Balance">
        <Amount money={identity.balance} token={native} />
      </Fact>
      <Fact term="Gas account">
        <Amount money={identity.gas_balance} token={native} />
      </Fact>
      {status?.tariff && (
        <Fact term="Price per kWh">
          <Amount money={status.tariff.per_kwh.split('.')[0]} token={isNative(status.token) ? native : SMALLEST} />
        </Fact>
      )}
      {boot && <Fact term="Charge point">{boot}</Fact>}
    </dl>
  );
}

/** Nothing here says how many decimals another token has. */
const SMALLEST: Token = { decimals: 0, symbol: 'of its smallest unit' };

function Fact({ term, isLong = false, children }: { term: string; isLong?: boolean; children: ReactNode }) {
  return (
    <div className={isLong ? 'console-fact console-fact-long' : 'console-fact'}>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What the code says for a connector: the text that the station publishes, with this connector's number. */
function codeText(identity: Identity, connectorId: number): string {
  const base = (identity.qr ?? identity.did ?? '').split('?')[0];
  return `${base}?connector=${connectorId}`;
}
