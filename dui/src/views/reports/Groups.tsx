import { useState } from 'react';
import { Link } from 'wouter';
import { count } from '../../format/units';
import { path } from '../../http/client';
import { Mark } from '../../parts/Mark';
import { Panel } from '../../parts/Panel';
import { Button } from '../../patternfly';
import { useMay } from '../../shell/me';
import { say } from '../../words/language';
import type { Group } from './choice';
import { Pick } from './ChartPanel';
import { Consumers } from './Consumers';
import { type GroupRow, GroupTable } from './GroupTable';
import { sessionsHref } from './links';
import type { PartProps } from './parts';
import type { ConnectorSums, StationSums } from './types';
import { WORDS } from './words';

const AT_FIRST = 100;

/** The sums by charge point, connector or driver; charge points that earn nothing are named. */
export function Groups(props: PartProps) {
  const { choice, report, onChange } = props;
  const words = say(WORDS);
  const maySeeDrivers = useMay('operator');
  const { consumer, ...others } = words.groupTitles;
  const names: Partial<Record<Group, string>> = maySeeDrivers ? { ...others, consumer } : others;
  const group = names[choice.group] ? choice.group : 'charge_point';
  return (
    <Panel title={words.groupTitles[group]} className="console-reports-panel">
      <div className="console-reports-fields console-reports-unprinted">
        <Pick label={words.groups} value={group} names={names as Record<Group, string>} onPick={(chosen) => onChange({ group: chosen })} />
      </div>
      {group === 'charge_point' && <EarnNothing stations={report.charge_points} />}
      {group === 'charge_point' && <Rows key="points" {...props} label={names[group] ?? ''} rows={report.charge_points.map((sums) => stationRow(props, sums))} />}
      {group === 'connector' && <Rows key="connectors" {...props} label={names[group] ?? ''} rows={report.connectors.map((sums) => connectorRow(props, sums))} />}
      {group === 'consumer' && <Consumers {...props} />}
    </Panel>
  );
}

function EarnNothing({ stations }: { stations: readonly StationSums[] }) {
  const words = say(WORDS);
  const idle = stations.filter(({ earns_nothing, is_registered }) => earns_nothing && is_registered);
  if (idle.length === 0) return null;
  return (
    <p className="console-reports-idle">
      <Mark tone="warning">{words.earnsNothing}</Mark>
      <span>
        {words.earnNothing(idle.length)}{' '}
        {idle.slice(0, AT_FIRST).map(({ charge_point_id: id }, place) => (
          <span key={id}>
            {place > 0 && ', '}
            <Link href={path`/charge-points/${id}`}>{id}</Link>
          </span>
        ))}
      </span>
    </p>
  );
}

function Rows({ label, rows, choice, purse }: PartProps & { label: string; rows: readonly GroupRow[] }) {
  const [areAll, setAll] = useState(false);
  const shown = areAll ? rows.length : AT_FIRST;
  return (
    <>
      <GroupTable label={label} rows={rows} most={shown} purse={purse} token={choice.token} />
      {rows.length > shown && (
        <Button variant="link" onClick={() => setAll(true)}>
          {say(WORDS).showAll(count(rows.length))}
        </Button>
      )}
    </>
  );
}

function stationRow({ choice, report, onChange }: PartProps, sums: StationSums): GroupRow {
  const { charge_point_id: id, name } = sums;
  const words = say(WORDS);
  return {
    key: id,
    name: id,
    shown: (
      <span className="console-reports-name">
        {sums.is_registered ? <Link href={path`/charge-points/${id}`}>{id}</Link> : id}
        {name && <span className="console-hint">{name}</span>}
        {!sums.is_registered && <Mark tone="neutral">{words.gone}</Mark>}
        {sums.earns_nothing && <Mark tone="warning">{words.earnsNothing}</Mark>}
      </span>
    ),
    sums,
    href: sessionsHref(choice, report, { charge_point_id: id }),
    onOnly: id === choice.chargePointId ? undefined : () => onChange({ chargePointId: id, connectorId: choice.connectorId }),
  };
}

function connectorRow({ choice, report, onChange }: PartProps, sums: ConnectorSums): GroupRow {
  const { charge_point_id: id, connector_id: number } = sums;
  const name = say(WORDS).pointAndConnector(id, number);
  const isOnly = id === choice.chargePointId && String(number) === choice.connectorId;
  return {
    key: `${id} ${number}`,
    name,
    shown: <Link href={path`/charge-points/${id}`}>{name}</Link>,
    sums,
    href: sessionsHref(choice, report, { charge_point_id: id, connector_id: number }),
    onOnly: isOnly ? undefined : () => onChange({ chargePointId: id, connectorId: String(number) }),
  };
}
