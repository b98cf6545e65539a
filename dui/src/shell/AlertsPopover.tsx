import { AlertList } from '../alerts/AlertList';
import { Popover } from '../patternfly';
import type { Opened } from './HeaderButton';

export default function AlertsPopover({ label, trigger, isOpen, onOpen, onClose }: Opened) {
  return (
    <Popover
      aria-label={label}
      triggerRef={trigger}
      isVisible={isOpen}
      shouldOpen={onOpen}
      shouldClose={onClose}
      position="bottom-end"
      headerContent={label}
      bodyContent={<AlertList />}
      minWidth="min(26rem, 92vw)"
    />
  );
}
