import { AlertList } from '../alerts/AlertList';
import type { Opened } from './HeaderButton';
import { HeaderPopover } from './HeaderPopover';

export default function AlertsPopover(opened: Opened) {
  return <HeaderPopover {...opened} headerContent={opened.label} bodyContent={<AlertList />} minWidth="min(26rem, 92vw)" />;
}
