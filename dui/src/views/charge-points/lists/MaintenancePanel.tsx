import { dayAndTime } from '../../../format/units';
import { Mark } from '../../../parts/Mark';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { say } from '../../../words/language';
import { FormToggle } from './FormToggle';
import { type Matter, useMaintenance } from './maintenance';
import { progressOf } from './progress';
import { WORDS } from './words';

/** How firmware updates and uploads stand, and the forms that ask for them. */
export function MaintenancePanel({ id }: { id: string }) {
  const words = say(WORDS).maintenance;
  const { data, error } = useMaintenance(id);
  return (
    <Panel title={words.title}>
      {error && <ProblemView problem={error} />}
      {data?.items.length === 0 && <p className="console-hint">{words.none}</p>}
      <ul className="console-cp-plain-list">
        {data?.items.map((matter) => (
          <li key={matter.matter}>
            <OneMatter matter={matter} />
          </li>
        ))}
      </ul>
      <FormToggle
        id={id}
        forms={[
          { operation: 'UpdateFirmware', label: words.update },
          { operation: 'SignedUpdateFirmware', label: words.signed },
          { operation: 'GetDiagnostics', label: words.diagnostics },
          { operation: 'GetLog', label: words.log },
        ]}
      />
    </Panel>
  );
}

function OneMatter({ matter: { matter, status, asked, told } }: { matter: Matter }) {
  const words = say(WORDS).maintenance;
  const { steps, at, tone } = progressOf(matter, status);
  const name = words.matters[matter] ?? matter;
  return (
    <div className="console-cp-matter">
      <strong>{name}</strong> <Mark tone={tone}>{words.steps[status] ?? status}</Mark>
      {at !== null && (
        <ol className="console-cp-steps" aria-label={`${name}: ${words.progress}`}>
          {steps.map((step, place) => (
            <li key={step} data-done={place <= at} aria-current={place === at ? 'step' : undefined}>
              {words.steps[step] ?? step}
            </li>
          ))}
        </ol>
      )}
      <p className="console-hint">
        {[asked?.location, asked?.file_name, asked && words.asked(dayAndTime(asked.asked_at)), told && words.told(dayAndTime(told.told_at))]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </div>
  );
}
