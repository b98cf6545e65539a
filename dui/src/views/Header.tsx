import { FormSelect, FormSelectOption } from '../patternfly';
import { count } from '../format/units';
import type { Connection } from '../state/consoleStore';
import type { Status } from '../wire/types';
import { Mark } from './Mark';
import type { Tone } from '../words/phases';

interface HeaderProps {
  connection: Connection;
  status: Status | null;
  stationIds: string[];
  chosen: string;
  onChoose: (id: string) => void;
}

export function Header({ connection, status, stationIds, chosen, onChoose }: HeaderProps) {
  return (
    <header className="console-masthead">
      <div className="console-brand">
        <img src="/favicon.svg" alt="" width="28" height="28" />
        <span>Noroam</span>
      </div>
      <StationChoice ids={stationIds} chosen={chosen} name={status?.name ?? null} onChoose={onChoose} />
      <div className="console-marks" role="status" aria-live="polite" aria-label="Connections">
        <ConsoleMark connection={connection} />
        {status && connection === 'connected' && <ChargePointMark status={status} />}
        {status && connection === 'connected' && <ChainMark status={status} />}
      </div>
      <a href="/api/">API</a>
    </header>
  );
}

function StationChoice(props: { ids: string[]; chosen: string; name: string | null; onChoose: (id: string) => void }) {
  const { ids, chosen, name, onChoose } = props;
  if (ids.length < 2) {
    return chosen ? <span className="console-station-name">{name ? `${name} (${chosen})` : chosen}</span> : null;
  }
  return (
    <FormSelect
      className="console-station-choice"
      aria-label="Charge point"
      value={chosen}
      onChange={(_event, id) => onChoose(id)}
    >
      {ids.map((id) => (
        <FormSelectOption key={id} value={id} label={id} />
      ))}
    </FormSelect>
  );
}

const CONNECTIONS: Record<Connection, [Tone, string]> = {
  connecting: ['info', 'Connecting'],
  connected: ['success', 'Console live'],
  disconnected: ['danger', 'Console disconnected'],
};

function ConsoleMark({ connection }: { connection: Connection }) {
  const [tone, label] = CONNECTIONS[connection];
  return <Mark tone={tone}>{label}</Mark>;
}

function ChargePointMark({ status }: { status: Status }) {
  return (
    <Mark tone={status.connected ? 'success' : 'danger'}>
      {status.connected ? 'Charge point online' : 'Charge point offline'}
    </Mark>
  );
}

function ChainMark({ status }: { status: Status }) {
  const { chain } = status;
  if (!chain.connected) return <Mark tone="danger">Chain down</Mark>;
  // The block's number changes every few seconds: told on hover, not read out each time.
  const block = chain.block_number == null ? '' : `block ${count(chain.block_number)}`;
  const latency = chain.latency_ms == null ? '' : `${chain.latency_ms} ms`;
  return (
    <Mark tone="success" title={[chain.url, block, latency].filter(Boolean).join(' · ')}>
      {`Chain ${chain.chain_id ?? ''}`.trim()}
      <span aria-hidden="true" className="console-mark-detail">
        {block}
      </span>
    </Mark>
  );
}
