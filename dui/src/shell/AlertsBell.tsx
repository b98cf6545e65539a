import { BellIcon } from '@patternfly/react-icons';
import { lazy } from 'react';
import { useAlerts } from '../alerts/useAlerts';
import { WORDS } from '../alerts/words';
import { say } from '../words/language';
import { HeaderButton } from './HeaderButton';

const load = () => import('./AlertsPopover');
const AlertsPopover = lazy(load);

/** The alerts that hold now, from wherever the page is. */
export function AlertsBell() {
  const words = say(WORDS);
  const { alerts } = useAlerts();
  const count = alerts.length;
  return (
    <HeaderButton
      label={count ? words.count(count) : words.none}
      icon={<BellIcon />}
      className={count ? 'console-bell-rings' : undefined}
      opens={AlertsPopover}
      onApproach={() => void load().catch(() => undefined)}
    >
      {count > 0 && <span className="console-bell-count">{count}</span>}
    </HeaderButton>
  );
}
