import { numberFormat } from '../../../format/locale';
import { count } from '../../../format/units';
import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { say } from '../../../words/language';
import { ActionButton } from '../commands/ActionButton';
import { valueName } from '../commands/fieldWords';
import { FormToggle } from './FormToggle';
import { Listing } from './Listing';
import { type HeldProfile, profileOf } from './profile';
import { WORDS } from './words';

/** The limits that the charge point took from us. */
export function Profiles({ id }: { id: string }) {
  const words = say(WORDS);
  const { data, error } = useRead<{ items: HeldProfile[] }>(path`/charge-points/${id}/charging-profiles`, {}, { every: 10_000 });
  return (
    <Panel title={words.profiles.title}>
      {error && <ProblemView problem={error} />}
      {data?.items.length === 0 && <p className="console-hint">{words.profiles.none}</p>}
      {data && data.items.length > 0 && (
        <Listing
          label={words.profiles.title}
          items={data.items.map((held) => ({ connector: held.connector_id, ...profileOf(held) }))}
          keyOf={(profile) => `${profile.id} ${profile.connector ?? ''}`}
          columns={[
            [words.connector, ({ connector }) => placeName(connector)],
            [words.profiles.purpose, ({ purpose }) => valueName(purpose)],
            [words.profiles.level, ({ level }) => count(level)],
            [words.profiles.limit, ({ periods, unit }) => periods.map((period) => limitText(period, unit)).join(', ')],
            [
              words.profiles.clearThis,
              (profile) => (
                <ActionButton
                  chargePointId={id}
                  operation="ClearChargingProfile"
                  body={{ id: profile.id }}
                  label={`${words.profiles.clearThis} ${profile.id}`}
                />
              ),
            ],
          ]}
        />
      )}
      <FormToggle
        id={id}
        forms={[
          { operation: 'SetChargingProfile', label: words.profiles.set },
          { operation: 'ClearChargingProfile', label: words.profiles.clear },
          { operation: 'GetCompositeSchedule', label: words.profiles.limits },
        ]}
      />
    </Panel>
  );
}

function placeName(connector: number | null): string {
  const words = say(WORDS);
  if (connector === null) return words.ofTransaction;
  return connector === 0 ? words.wholePoint : String(connector);
}

function limitText({ limit, start }: { limit: number; start: number }, unit: string): string {
  const words = say(WORDS).profiles;
  const shown = numberFormat({ maximumFractionDigits: 1 }).format(limit);
  return start === 0 ? words.fromStart(shown, unit) : words.after(shown, unit, count(start));
}
