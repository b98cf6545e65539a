import { BarsIcon, TimesIcon } from '@patternfly/react-icons';
import { Link } from 'wouter';
import { Mark } from '../parts/Mark';
import { Button } from '../patternfly';
import type { Connection } from '../state/consoleStore';
import { say } from '../words/language';
import type { Tone } from '../words/phases';
import { AccountMenu } from './AccountMenu';
import { AlertsBell } from './AlertsBell';
import { useConsole } from './live';
import { WORDS } from './words';

interface HeaderProps {
  isNavigationOpen: boolean;
  onToggleNavigation: () => void;
}

const TONES: Record<Connection, Tone> = { connecting: 'info', connected: 'success', disconnected: 'danger' };

export function Header({ isNavigationOpen, onToggleNavigation }: HeaderProps) {
  const words = say(WORDS);
  const connection = useConsole((state) => state.connection);
  return (
    <header className="console-masthead">
      <Button
        className="console-navigation-toggle"
        variant="plain"
        aria-label={isNavigationOpen ? words.closeNavigation : words.openNavigation}
        aria-expanded={isNavigationOpen}
        aria-controls="navigation"
        icon={isNavigationOpen ? <TimesIcon /> : <BarsIcon />}
        onClick={onToggleNavigation}
      />
      <Link href="/" className="console-brand">
        <img src="/favicon.svg" alt="" width="28" height="28" />
        <span>Noroam</span>
      </Link>
      <div className="console-marks">
        <span role="status" aria-live="polite">
          <Mark tone={TONES[connection]}>{words.live[connection]}</Mark>
        </span>
        <AlertsBell />
        <AccountMenu />
      </div>
    </header>
  );
}
