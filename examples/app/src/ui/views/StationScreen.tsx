import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Station } from '../../noroam/types';
import { Icon } from '../parts/Icon';
import { Busy, Card, Chip, Copyable, Fact, Facts, Notice, TroubleNotice } from '../parts/bits';
import { Screen } from '../parts/Screen';
import { dateTime, power } from '../format';
import { useChanges, useModel } from '../hooks';
import type { SessionRecord } from '../keep';
import { hashOf } from '../route';
import { nameOf } from '../stations';
import type { Trouble } from '../trouble';
import type { Visit } from '../visit';
import { words } from '../words';
import { Connectors } from './Connectors';
import { PriceCard } from './PriceCard';

const say = words.station;
const HOME = hashOf({ at: 'start' });

/** A station: what it is, who vouches for it, what it costs; or a clear "do not pay". */
export function StationScreen({ did, connector }: { did: string; connector: number }) {
  const model = useModel();
  const open = model.state.stage === 'open';
  const visit = open ? model.visiting(did, connector) : undefined;
  useChanges(visit);
  useEffect(() => () => model.leaving(did), [did]);
  const here = model.state.records.find(
    (one) => one.station?.did === did && !one.ended && one.view.connectorId === connector,
  );
  const { station, trouble } = visit?.view ?? {};
  if (trouble && !station) return <NotVerified did={did} trouble={trouble} visit={visit} />;
  return (
    <Screen
      title={station ? nameOf(station) : words.loading}
      back={HOME}
      foot={visit && station && <Next visit={visit} here={here} />}
    >
      {model.state.trouble && !visit && <TroubleNotice trouble={model.state.trouble} />}
      {!station && <Busy>{say.checking}</Busy>}
      {station && visit && <Verified visit={visit} station={station} />}
    </Screen>
  );
}

function Verified({ visit, station }: { visit: Visit; station: Station }) {
  const { view } = visit;
  return (
    <>
      <div class="hero">
        <Chip tone="good" icon="shield">{say.verified}</Chip>
        <p class="hint">
          {[station.name && station.chargePointId, station.maximumPowerW ? power(station.maximumPowerW) : '',
            words.plugs(station.plugTypes)].filter(Boolean).join(' · ')}
        </p>
      </div>
      <PriceCard visit={visit} station={station} />
      {view.stage === 'connecting' && <Busy>{say.connecting}</Busy>}
      {view.trouble && (
        <TroubleNotice
          trouble={view.trouble}
          onRetry={view.stage === 'failed' ? () => void visit.open() : undefined}
        />
      )}
      <Connectors visit={visit} station={station} />
      <Card title={say.trust}>
        <Facts>
          <Fact name={say.vouched}><Copyable text={station.trust.authority} /></Fact>
          <Fact name={say.until}>{dateTime(station.trust.validUntil)}</Fact>
          <Fact name={say.paid}><Copyable text={station.provider} /></Fact>
        </Facts>
      </Card>
    </>
  );
}

function Next({ visit, here }: { visit: Visit; here?: SessionRecord }) {
  if (here) {
    return (
      <a class="button button-primary" href={hashOf({ at: 'session', id: here.sessionId })}>
        {say.resume}
      </a>
    );
  }
  const { offer } = visit.view;
  if (!offer) return <button type="button" class="button button-primary" disabled>{say.next}</button>;
  const next = hashOf({ at: 'deposit', did: visit.did, connector: visit.connector });
  return <a class="button button-primary" href={next}>{say.next}</a>;
}

/** Nothing that this station says of itself is shown: none of it is proven. */
function NotVerified({ did, trouble, visit }: { did: string; trouble: Trouble; visit?: Visit }) {
  const retry = trouble.doNotPay ? undefined : () => void visit?.open();
  return (
    <Screen title={trouble.doNotPay ? say.doNotPay : words.receipt.station} back={HOME}>
      {trouble.doNotPay ? (
        <DoNotPay trouble={trouble}>
          <Copyable text={did} />
        </DoNotPay>
      ) : (
        <>
          <TroubleNotice trouble={trouble} onRetry={retry} />
          <Notice tone="calm" icon="shield" title={say.unsure} />
        </>
      )}
      <a class="button" href={HOME}>{say.other}</a>
    </Screen>
  );
}

function DoNotPay({ trouble, children }: { trouble: Trouble; children: ComponentChildren }) {
  return (
    <section class="refusal" role="alert">
      <Icon name="stop" size={56} />
      <p class="refusal-title">{say.whyNot}</p>
      <p>{trouble.text}</p>
      <p class="refusal-advice">{trouble.advice}</p>
      {trouble.detail && (
        <details>
          <summary>{say.details}</summary>
          <p>{trouble.detail}</p>
        </details>
      )}
      {children}
    </section>
  );
}
