import { ListIcon, ThLargeIcon } from '@patternfly/react-icons';
import { Button, FormSelect, FormSelectOption, TextInput } from '../../../patternfly';
import { CONNECTOR_STATUSES, connectorWords } from '../../../words/connectors';
import { say } from '../../../words/language';
import { WORDS } from '../words';
import type { Choice } from './listed';
import type { Look } from './look';

interface FiltersProps {
  choice: Choice;
  look: Look;
  onChange: (name: 'text' | 'status', value: string) => void;
  onLook: (look: Look) => void;
}

/** Which charge points are shown, and how; the choice stands in the address. */
export function Filters({ choice, look, onChange, onLook }: FiltersProps) {
  const words = say(WORDS).list;
  return (
    <div className="console-cp-filters" role="search">
      <TextInput
        type="search"
        aria-label={words.text}
        placeholder={words.text}
        value={choice.text}
        onChange={(_event, value) => onChange('text', value)}
      />
      <FormSelect aria-label={words.status} value={choice.status} onChange={(_event, value) => onChange('status', value)}>
        <FormSelectOption value="" label={words.all} />
        <FormSelectOption value="alerts" label={words.needsYou} />
        <FormSelectOption value="online" label={words.online} />
        <FormSelectOption value="offline" label={words.offline} />
        {CONNECTOR_STATUSES.map((status) => (
          <FormSelectOption key={status} value={status} label={connectorWords(status).label} />
        ))}
      </FormSelect>
      <div role="group" aria-label={words.look} className="console-cp-look">
        <Button
          variant={look === 'tiles' ? 'secondary' : 'plain'}
          aria-label={words.tiles}
          aria-pressed={look === 'tiles'}
          icon={<ThLargeIcon />}
          onClick={() => onLook('tiles')}
        />
        <Button
          variant={look === 'table' ? 'secondary' : 'plain'}
          aria-label={words.table}
          aria-pressed={look === 'table'}
          icon={<ListIcon />}
          onClick={() => onLook('table')}
        />
      </div>
    </div>
  );
}
