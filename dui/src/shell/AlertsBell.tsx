import { BellIcon } from '@patternfly/react-icons';
import { AlertList } from '../alerts/AlertList';
import { useAlerts } from '../alerts/useAlerts';
import { WORDS } from '../alerts/words';
import { Button, Popover } from '../patternfly';
import { say } from '../words/language';

/** The alerts that hold now, from wherever the page is. */
export function AlertsBell() {
  const words = say(WORDS);
  const { alerts } = useAlerts();
  const count = alerts.length;
  const label = count ? words.count(count) : words.none;
  return (
    <Popover aria-label={label} position="bottom-end" headerContent={label} bodyContent={<AlertList />} minWidth="min(26rem, 92vw)">
      <Button variant="plain" icon={<BellIcon />} aria-label={label} className={count ? 'console-bell-rings' : undefined}>
        {count > 0 && <span className="console-bell-count">{count}</span>}
      </Button>
    </Popover>
  );
}
