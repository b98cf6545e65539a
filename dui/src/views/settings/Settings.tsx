import { LockIcon } from '@patternfly/react-icons';
import type { ComponentType } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { EmptyView } from '../../parts/EmptyView';
import { PageTabs } from '../../parts/PageTabs';
import { PageTitle } from '../../parts/PageTitle';
import { type Role, ROLES, useMe } from '../../shell/me';
import { NotFound } from '../../shell/NotFound';
import { say } from '../../words/language';
import { Accounts } from './accounts/Accounts';
import { AlertThresholds } from './alerts/AlertThresholds';
import { AuditTrail } from './audit/AuditTrail';
import { ApiKeys } from './keys/ApiKeys';
import { MyPassword } from './MyPassword';
import { Service } from './service/Service';
import { Webhooks } from './webhooks/Webhooks';
import { type SettingsWords, WORDS } from './words';
import './settings.css';

interface Tab {
  readonly name: keyof SettingsWords['tabs'];
  readonly role: Role;
  readonly page: ComponentType;
}

const TABS: readonly Tab[] = [
  { name: 'service', role: 'operator', page: Service },
  { name: 'accounts', role: 'administrator', page: Accounts },
  { name: 'password', role: 'viewer', page: MyPassword },
  { name: 'api-keys', role: 'administrator', page: ApiKeys },
  { name: 'webhooks', role: 'administrator', page: Webhooks },
  { name: 'alerts', role: 'administrator', page: AlertThresholds },
  { name: 'audit', role: 'operator', page: AuditTrail },
];

/** What concerns the whole service, and who may use it. */
export default function Settings() {
  const { role } = useMe();
  const own = TABS.filter((tab) => ROLES.indexOf(role) >= ROLES.indexOf(tab.role));
  return (
    <Switch>
      <Route path="/settings/:tab">
        {({ tab: name }) => {
          const tab = TABS.find((each) => each.name === name);
          return tab ? <Opened tab={tab} own={own} /> : <NotFound />;
        }}
      </Route>
      <Route>
        <Redirect to={`/settings/${own[0]?.name ?? 'password'}`} replace />
      </Route>
    </Switch>
  );
}

function Opened({ tab, own }: { tab: Tab; own: readonly Tab[] }) {
  const words = say(WORDS);
  const tabs = own.map(({ name }) => ({ href: `/settings/${name}`, name: words.tabs[name] }));
  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      <PageTabs label={words.title} tabs={tabs} present={`/settings/${tab.name}`} />
      {own.includes(tab) ? (
        <tab.page />
      ) : (
        <EmptyView icon={LockIcon} title={words.notAllowed}>
          {words.notAllowedAdvice}
        </EmptyView>
      )}
    </>
  );
}
