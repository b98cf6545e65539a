import { ChargingStationIcon } from '@patternfly/react-icons';
import { type ComponentType, lazy, Suspense, useEffect } from 'react';
import { Link } from 'wouter';
import { useAlerts } from '../../alerts/useAlerts';
import { dayAndTime } from '../../format/units';
import { path } from '../../http/client';
import { EmptyView } from '../../parts/EmptyView';
import { Loading } from '../../parts/Loading';
import { Mark } from '../../parts/Mark';
import { PageTabs } from '../../parts/PageTabs';
import { PageTitle } from '../../parts/PageTitle';
import { useConsole, useLive, useStation } from '../../shell/live';
import type { Status } from '../../wire/types';
import { say } from '../../words/language';
import { WORDS } from './words';

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
  const { isComplete } = useConsole();
  const { store } = useLive();
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
  const tabs = Object.entries(words.views).map(([name, title]) => ({ href: hrefOf(name), name: title }));
  const { name } = station.status;
  return (
    <>
      <PageTitle above={above} hint={<About id={id} status={station.status} />} actions={<Marks id={id} status={station.status} />}>
        {name && name !== id ? `${name} · ${id}` : id}
      </PageTitle>
      <PageTabs label={id} tabs={tabs} present={hrefOf(tab in TABS ? tab : 'now')} />
      <Suspense fallback={<Loading />}>{Tab && <Tab id={id} />}</Suspense>
    </>
  );
}

function Marks({ id, status }: { id: string; status: Status }) {
  const words = say(WORDS);
  const { alerts } = useAlerts();
  const own = alerts.filter((alert) => alert.charge_point_id === id);
  const isCritical = own.some(({ severity }) => severity === 'critical');
  return (
    <>
      <Mark tone={status.connected ? 'success' : 'danger'}>{status.connected ? words.connected : words.offline}</Mark>
      {own.length > 0 && (
        <Link href="/">
          <Mark tone={isCritical ? 'danger' : 'warning'}>{words.alerts(own.length)}</Mark>
        </Link>
      )}
      {status.disputed.length > 0 && (
        <Link href="/disputes">
          <Mark tone="warning">{words.disputes(status.disputed.length)}</Mark>
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
    !status.connected && (status.last_seen_at ? words.lastSeen(dayAndTime(status.last_seen_at)) : words.neverSeen),
  ];
  return (
    <>
      {parts.filter(Boolean).join(' · ')} <Link href={path`/identity/${id}`}>{words.identity}</Link>
    </>
  );
}
