import { Popover as PlainPopover, type PopoverProps } from '@patternfly/react-core/dist/dynamic/components/Popover';
import { WORDS } from './patternflyWords';
import { say } from './words/language';

export function Popover(props: PopoverProps) {
  return <PlainPopover closeBtnAriaLabel={say(WORDS).close} {...props} />;
}
