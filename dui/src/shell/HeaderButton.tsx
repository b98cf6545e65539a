import { type ComponentType, type LazyExoticComponent, type ReactNode, type RefObject, Suspense, useRef, useState } from 'react';
import { Button } from '../patternfly';
import { Broken } from './Broken';

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
        onPointerEnter={onApproach}
        onFocus={onApproach}
        onClick={isWanted ? undefined : openFirst}
      >
        {children}
      </Button>
      {isWanted && (
        <Broken>
          <Suspense>
            <Popover label={label} trigger={trigger} isOpen={isOpen} onOpen={() => setOpen(true)} onClose={() => setOpen(false)} />
          </Suspense>
        </Broken>
      )}
    </>
  );
}
