import { count, kilowattHours } from '../../format/units';
import { useRead } from '../../http/hooks';
import { Copyable } from '../../parts/Copyable';
import { Loading } from '../../parts/Loading';
import { ProblemView } from '../../parts/ProblemView';
import { say } from '../../words/language';
import { scopeOf } from './choice';
import { GroupTable } from './GroupTable';
import { sessionsHref } from './links';
import type { PartProps } from './parts';
import type { ConsumerReport } from './types';
import { WORDS } from './words';

const MOST = 100;

/** The drivers that took most energy. */
export function Consumers({ choice, report, purse }: PartProps) {
  const words = say(WORDS);
  const query = { ...scopeOf(choice), limit: MOST };
  const { data, error, refetch } = useRead<ConsumerReport>('/reports/consumers', query, { keepsLast: true });
  if (error) return <ProblemView problem={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading />;
  const rows = data.items.map((sums) => ({
    key: sums.consumer_did,
    name: sums.consumer_did,
    shown: <Copyable text={sums.consumer_did} name={words.driver} />,
    sums,
    href: sessionsHref(choice, report, { consumer_did: sums.consumer_did }),
  }));
  return (
    <>
      {rows.length > 0 ? (
        <GroupTable label={words.groupTitles.consumer} rows={rows} most={MOST} purse={purse} token={choice.token} begin="energy" />
      ) : (
        <p>{words.noDrivers}</p>
      )}
      <ul className="console-reports-rest console-hint">
        <li>{words.drivers(count(data.consumers))}</li>
        {data.others.sessions > 0 && <Rest name={words.others} {...data.others} />}
        {data.unknown.sessions > 0 && <Rest name={words.unknownDriver} {...data.unknown} />}
      </ul>
    </>
  );
}

function Rest({ name, sessions, energy_wh }: { name: string; sessions: number; energy_wh: number }) {
  return (
    <li>
      {name}: {count(sessions)} {say(WORDS).columns.sessions}, {kilowattHours(energy_wh)} kWh
    </li>
  );
}
