import { dayAndTime } from '../../../format/units';
import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import type { Moment } from '../../../wire/types';
import { say } from '../../../words/language';
import { ActionButton } from '../commands/ActionButton';
import { valueName } from '../commands/fieldWords';
import { FormToggle } from './FormToggle';
import { Listing } from './Listing';
import { WORDS } from './words';

interface Entry {
  id_tag: string;
  status: string;
  expires_at: Moment | null;
  parent_id_tag: string | null;
}

interface LocalListTold {
  support: 'yes' | 'no' | 'unknown';
  version: number | null;
  items: Entry[];
}

/** The idTags that the charge point knows by itself. */
export function LocalList({ id }: { id: string }) {
  const words = say(WORDS);
  const { data, error } = useRead<LocalListTold>(path`/charge-points/${id}/local-list`, {}, { every: 30_000 });
  return (
    <Panel title={words.localList.title}>
      {error && <ProblemView problem={error} />}
      {data && (
        <p>
          {words.localList.support[data.support]}
          {data.version !== null && ` · ${words.localList.version(String(data.version))}`}
        </p>
      )}
      {data?.items.length === 0 && <p className="console-hint">{words.localList.none}</p>}
      {data && data.items.length > 0 && (
        <Listing
          label={words.localList.title}
          items={data.items}
          keyOf={({ id_tag }) => id_tag}
          columns={[
            [words.idTag, ({ id_tag }) => <code>{id_tag}</code>],
            [words.status, ({ status }) => valueName(status)],
            [words.until, ({ expires_at }) => dayAndTime(expires_at) || '–'],
            [words.parent, ({ parent_id_tag }) => parent_id_tag ?? '–'],
          ]}
        />
      )}
      <div className="console-cp-actions">
        <ActionButton chargePointId={id} operation="SynchroniseLocalList" body={{}} label={words.localList.synchronise} />
        <ActionButton chargePointId={id} operation="GetLocalListVersion" body={{}} label={words.localList.askVersion} />
      </div>
      <FormToggle id={id} forms={[{ operation: 'SendLocalList', label: words.localList.send, given: next(data?.version) }]} />
    </Panel>
  );
}

/** The next version of the list, where its present one is known. */
function next(version: number | null | undefined): Record<string, unknown> {
  return version == null || version < 0 ? {} : { listVersion: version + 1, updateType: 'Differential' };
}
