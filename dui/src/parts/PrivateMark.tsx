import { FlaskIcon } from '@patternfly/react-icons';
import { Label } from '../patternfly';
import { type Catalogue, say } from '../words/language';

const WORDS: Catalogue<{ mark: string }> = {
  en: { mark: 'PRIVATE, no money' },
  de: { mark: 'PRIVAT, ohne Geld' },
};

/** Stands wherever a session is shown that charges without money. */
export function PrivateMark() {
  return (
    <span className="console-mark console-private">
      <Label color="purple" variant="filled" icon={<FlaskIcon />}>
        {say(WORDS).mark}
      </Label>
    </span>
  );
}
