import { PauseIcon, PlayIcon } from '@patternfly/react-icons';
import { Button, FormSelect, FormSelectOption, TextInput } from '../../patternfly';
import { useConsole } from '../../shell/live';
import { type Level, LEVELS, type LogFilter } from '../../state/logFilter';
import { say } from '../../words/language';
import { WORDS } from './words';

interface FiltersProps {
  filter: LogFilter;
  onChange: (filter: LogFilter) => void;
  /** Those that wrote anything. */
  services: readonly string[];
  isFollowing: boolean;
  onFollow: (follows: boolean) => void;
}

/** What of the log is shown, and whether it moves. */
export function Filters({ filter, onChange, services, isFollowing, onFollow }: FiltersProps) {
  const words = say(WORDS);
  const ids = useConsole((state) => state.ids);
  return (
    <div className="console-log-filters" role="group" aria-label={words.filters}>
      <FormSelect
        aria-label={words.level}
        value={filter.level}
        onChange={(_event, level) => onChange({ ...filter, level: level as Level })}
      >
        {LEVELS.map((level) => (
          <FormSelectOption key={level} value={level} label={words.levels[level]} />
        ))}
      </FormSelect>
      <Choice
        label={words.service}
        all={words.allServices}
        chosen={filter.service ?? ''}
        choices={services}
        onChoose={(service) => onChange({ ...filter, service })}
      />
      <Choice
        label={words.chargePoint}
        all={words.allChargePoints}
        chosen={filter.chargePointId ?? ''}
        choices={ids}
        onChoose={(chargePointId) => onChange({ ...filter, chargePointId })}
      />
      <TextInput
        type="search"
        aria-label={words.text}
        placeholder={words.textHint}
        value={filter.text}
        onChange={(_event, text) => onChange({ ...filter, text })}
      />
      <Button
        variant="secondary"
        icon={isFollowing ? <PauseIcon /> : <PlayIcon />}
        onClick={() => onFollow(!isFollowing)}
      >
        {isFollowing ? words.pause : words.follow}
      </Button>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  all: string;
  chosen: string;
  choices: readonly string[];
  onChoose: (choice: string) => void;
}

function Choice({ label, all, chosen, choices, onChoose }: ChoiceProps) {
  const shown = chosen && !choices.includes(chosen) ? [chosen, ...choices] : choices;
  return (
    <FormSelect aria-label={label} value={chosen} onChange={(_event, value) => onChoose(value)}>
      <FormSelectOption value="" label={all} />
      {shown.map((choice) => (
        <FormSelectOption key={choice} value={choice} label={choice} />
      ))}
    </FormSelect>
  );
}
