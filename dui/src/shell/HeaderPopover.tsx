import type { ComponentProps } from 'react';
import { Popover } from '../patternfly';
import type { Opened } from './HeaderButton';

type Shown = Pick<ComponentProps<typeof Popover>, 'headerContent' | 'bodyContent' | 'minWidth' | 'hasAutoWidth'>;

/** What a button of the header opens. */
export function HeaderPopover({ label, trigger, isOpen, onOpen, onClose, ...shown }: Opened & Shown) {
  return (
    <Popover
      aria-label={label}
      triggerRef={trigger}
      isVisible={isOpen}
      shouldOpen={onOpen}
      shouldClose={onClose}
      position="bottom-end"
      {...shown}
    />
  );
}
