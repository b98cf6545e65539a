import { Label } from '../patternfly';
import { FlaskIcon } from '@patternfly/react-icons';

/** Stands wherever a session is shown that charges without money. */
export function PrivateMark() {
  return (
    <span className="console-mark console-private">
      <Label color="purple" variant="filled" icon={<FlaskIcon />}>
        PRIVATE, no money
      </Label>
    </span>
  );
}
