import { type ComponentType, type LazyExoticComponent, type ReactNode, type RefObject, Suspense, useRef, useState } from 'react';
import { Button } from '../patternfly';
import { say } from '../words/language';
import { Broken } from './Broken';
import { useIsLive } from './live';
import { WORDS } from './words';

/** What a popover has to know of the button that it belongs to. */
export interface Opened {
  readonly label: string;
  readonly trigger: RefObject<HTMLButtonElement | null>;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

interface HeaderButtonProps {
  label: string;
  icon: ReactNode;
  className?: string;
  opens: LazyExoticComponent<ComponentType<Opened>>;
  /** Fetches what it opens; called when somebody is about to open it. */
  onApproach: () => void;
  children: ReactNode;
}

/** A button of the header. Its popover is fetched when it is wanted, and from then on minds the clicks itself. */
export function HeaderButton({ label, icon, className, opens: Popover, onApproach, children }: HeaderButtonProps) {
  const trigger = useRef<HTMLButtonElement>(null);
  const [isWanted, want] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const isLive = useIsLive();
  // What could not be fetched once is not asked for again, so nothing is fetched ahead while nobody answers.
  const approach = isLive ? onApproach : undefined;
  const openFirst = () => {
    want(true);
    setOpen(true);
  };
  return (
    <>
      <Button
        innerRef={trigger}
        variant="plain"
        icon={icon}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        className={className}
        onPointerEnter={approach}
        onFocus={approach}
        onClick={isWanted ? undefined : openFirst}
      >
        {children}
      </Button>
      {isWanted && (
        <Broken instead={<Unopened />} onBreak={() => setOpen(false)}>
          <Suspense>
            <Popover label={label} trigger={trigger} isOpen={isOpen} onOpen={() => setOpen(true)} onClose={() => setOpen(false)} />
          </Suspense>
        </Broken>
      )}
    </>
  );
}

/** Stands beside a button whose popover could not be fetched. */
function Unopened() {
  return (
    <span role="alert" className="console-unopened">
      <Button variant="link" isInline isDanger onClick={() => window.location.reload()}>
        {say(WORDS).unopened}
      </Button>
    </span>
  );
}
