import { Link } from 'wouter';
import { count, dayAndTime, duration, percent } from '../../format/units';
import { path } from '../../http/client';
import { useRead } from '../../http/hooks';
import { Loading } from '../../parts/Loading';
import { Panel } from '../../parts/Panel';
import { ProblemView } from '../../parts/ProblemView';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../parts/Table';
import { say } from '../../words/language';
import { type Choice, scopeOf } from './choice';
import type { Report, StationUptime, UptimeReport } from './types';
import { WORDS } from './words';

/** How much of the time charge points were connected, and how often something was wrong. */
export function Uptime({ choice, report }: { choice: Choice; report: Report }) {
  const words = say(WORDS);
  const query = scopeOf(choice, { first: report.first_day, last: report.last_day });
  const { data, error, refetch } = useRead<UptimeReport>('/reports/uptime', query, { keepsLast: true });
  return (
    <Panel title={words.uptime} className="console-reports-panel">
      {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data?.charge_points.length === 0 && (
        <p>
          {words.noUptime} <Link href="/charge-points">{words.register}</Link>
        </p>
      )}
      {data && data.charge_points.length > 0 && <UptimeTable stations={data.charge_points} />}
      <p className="console-hint">{words.uptimeHint}</p>
    </Panel>
  );
}

function UptimeTable({ stations }: { stations: readonly StationUptime[] }) {
  const words = say(WORDS);
  return (
    <div className="console-reports-scroll">
      <Table variant="compact" aria-label={words.uptime}>
        <Thead>
          <Tr>
            {Object.values(words.uptimeColumns).map((name) => (
              <Th key={name} modifier="nowrap">{name}</Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {stations.map((station) => (
            <Row key={station.charge_point_id} station={station} />
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

function Row({ station }: { station: StationUptime }) {
  const { uptimeColumns: columns, unknown } = say(WORDS);
  const { charge_point_id: id, known_s } = station;
  const share = (seconds: number, digits: number) => (known_s > 0 ? percent(seconds / known_s, digits) : unknown);
  const lasted = (seconds: number) => (known_s > 0 ? duration(seconds * 1000) : unknown);
  return (
    <Tr>
      <Td dataLabel={columns.point}>
        <Link href={path`/charge-points/${id}`}>{id}</Link>
      </Td>
      <Td dataLabel={columns.connected}>{share(station.connected_s, 2)}</Td>
      <Td dataLabel={columns.faulted}>{lasted(station.faulted_s)}</Td>
      <Td dataLabel={columns.unavailable}>{lasted(station.unavailable_s)}</Td>
      <Td dataLabel={columns.faults}>{count(station.faults)}</Td>
      <Td dataLabel={columns.disconnects}>{count(station.disconnects)}</Td>
      <Td dataLabel={columns.since}>{dayAndTime(station.known_since) || unknown}</Td>
    </Tr>
  );
}
