import { UserIcon } from '@patternfly/react-icons';
import { lazy } from 'react';
import { say } from '../words/language';
import { HeaderButton } from './HeaderButton';
import { useMe } from './me';
import { WORDS } from './words';

const load = () => import('./AccountPopover');
const AccountPopover = lazy(load);

/** Who is signed in, how the page looks to them, and the way out. */
export function AccountMenu() {
  const me = useMe();
  return (
    <HeaderButton
      label={say(WORDS).account.menu(me.name)}
      icon={<UserIcon />}
      opens={AccountPopover}
      onApproach={() => void load().catch(() => undefined)}
    >
      <span className="console-account-name">{me.name}</span>
    </HeaderButton>
  );
}
