import { ChargingStationIcon } from '@patternfly/react-icons';
import { type ComponentType, lazy, Suspense, useEffect } from 'react';
import { Link } from 'wouter';
import { useAlerts } from '../../alerts/useAlerts';
import { dayAndTime } from '../../format/units';
import { path } from '../../http/client';
import { useRead } from '../../http/hooks';
import { EmptyView } from '../../parts/EmptyView';
import { Loading } from '../../parts/Loading';
import { Mark } from '../../parts/Mark';
import { PageTabs } from '../../parts/PageTabs';
import { PageTitle } from '../../parts/PageTitle';
import { useConsole, useLive, useStation } from '../../shell/live';
import type { Station } from '../../state/consoleStore';
import type { Status } from '../../wire/types';
import { connectorWords } from '../../words/connectors';
import { identityWords } from '../../words/identity';
import { say } from '../../words/language';
import type { ChargePointState } from './types';
import { WORDS } from './words';

const EVERY_MS = 5_000;

const TABS: Readonly<Record<string, ComponentType<{ id: string }>>> = {
  now: lazy(() => import('./now/Now')),
  messages: lazy(() => import('./messages/Messages')),
  configuration: lazy(() => import('./configuration/ConfigurationTab')),
  lists: lazy(() => import('./lists/Lists')),
  commands: lazy(() => import('./commands/Commands')),
  settings: lazy(() => import('./settings/StationSettings')),
};

/** One charge point: what it is and how it is in the head, and its tabs, each with an address. */
export function OneChargePoint({ id, tab }: { id: string; tab: string }) {
  const words = say(WORDS);
  const station = useStation(id);
  const isComplete = useConsole((state) => state.isComplete);
  const { store } = useLive();
  const isKnown = Boolean(station?.status);
  const { data: state } = useRead<ChargePointState>(isKnown ? path`/charge-points/${id}` : null, {}, { every: EVERY_MS });
  useEffect(() => store.watch(id), [store, id]);
  const above = { href: '/charge-points', name: words.title };
  if (!station?.status) {
    if (!isComplete) return <Loading />;
    return (
      <>
        <PageTitle above={above}>{id}</PageTitle>
        <EmptyView icon={ChargingStationIcon} title={words.notThere}>
          {words.notThereAdvice}
        </EmptyView>
      </>
    );
  }
  const Tab = TABS[tab] ?? TABS.now;
  const hrefOf = (name: string) => (name === 'now' ? path`/charge-points/${id}` : path`/charge-points/${id}/${name}`);
  const marks: Readonly<Record<string, string>> = state?.drift ? { configuration: words.drift(state.drift) } : {};
  const tabs = Object.entries(words.views).map(([name, title]) => ({ href: hrefOf(name), name: title, mark: marks[name] }));
  const { name } = station.status;
  return (
    <>
      <PageTitle above={above} hint={<About id={id} status={station.status} />} actions={<Marks station={station} whole={state?.status ?? null} />}>
        {name && name !== id ? `${name} · ${id}` : id}
      </PageTitle>
      <PageTabs label={id} tabs={tabs} present={hrefOf(tab in TABS ? tab : 'now')} />
      <Suspense fallback={<Loading />}>{Tab && <Tab id={id} />}</Suspense>
    </>
  );
}

/** What there is to know at a glance; `whole` is the status of the whole charge point (connector 0). */
function Marks({ station, whole }: { station: Station; whole: string | null }) {
  const words = say(WORDS);
  const { alerts } = useAlerts();
  const { id, status, identity } = station;
  const own = alerts.filter((alert) => alert.charge_point_id === id);
  const isCritical = own.some(({ severity }) => severity === 'critical');
  const chain = identity && identity.state !== 'published' ? identityWords(identity.state, identity.reason) : null;
  const disputed = status?.disputed.length ?? 0;
  return (
    <>
      <Mark tone={status?.connected ? 'success' : 'danger'}>{status?.connected ? words.connected : words.offline}</Mark>
      {(whole === 'Faulted' || whole === 'Unavailable') && <Mark tone={connectorWords(whole).tone}>{connectorWords(whole).label}</Mark>}
      {chain && (
        <Link href={path`/identity/${id}`}>
          <Mark tone={chain.tone}>{chain.label}</Mark>
        </Link>
      )}
      {own.length > 0 && (
        <Link href="/">
          <Mark tone={isCritical ? 'danger' : 'warning'}>{words.alerts(own.length)}</Mark>
        </Link>
      )}
      {disputed > 0 && (
        <Link href="/disputes">
          <Mark tone="warning">{words.disputes(disputed)}</Mark>
        </Link>
      )}
    </>
  );
}

function About({ id, status }: { id: string; status: Status }) {
  const words = say(WORDS);
  const { vendor, model, serial_number: serial, firmware_version: firmware } = status.boot ?? {};
  const parts = [
    [vendor, model].filter(Boolean).join(' '),
    serial && `${words.serial} ${serial}`,
    firmware && `${words.firmware} ${firmware}`,
    heardOf(status),
  ];
  const told = parts.filter(Boolean).join(' · ');
  return (
    <>
      {told && `${told} · `}
      <Link href={path`/identity/${id}`}>{words.identity}</Link>
    </>
  );
}

function heardOf({ connected, last_seen_at: at }: Status): string | null {
  const words = say(WORDS);
  if (at === null) return connected ? null : words.neverSeen;
  return connected ? words.lastHeartbeat(dayAndTime(at)) : words.lastSeen(dayAndTime(at));
}
