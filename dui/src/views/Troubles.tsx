import { Alert } from '../patternfly';
import type { ReactNode } from 'react';
import { shortened, timeOfDay } from '../format/units';
import type { Connection } from '../state/consoleStore';
import type { ChainStatus, Status } from '../wire/types';

interface TroublesProps {
  connection: Connection;
  status: Status | null;
}

/** What stops the station from selling now, each with what to do about it. */
export function Troubles({ connection, status }: TroublesProps) {
  const troubles = connection === 'connected' ? stationTroubles(status) : connectionTroubles(connection, status);
  return (
    <div aria-live="polite" className="console-troubles">
      {troubles}
    </div>
  );
}

function connectionTroubles(connection: Connection, status: Status | null): ReactNode {
  if (connection === 'connecting') return null;
  return (
    <Alert component="h2" isInline variant="danger" title="The connection to the console is lost">
      {status ? 'What you see is the last that was known. ' : ''}
      It reconnects by itself as soon as the Session Manager runs.
    </Alert>
  );
}

function stationTroubles(status: Status | null): ReactNode {
  if (!status) return null;
  return (
    <>
      {!status.bus_connected && (
        <Alert component="h2" isInline variant="danger" title="Redis does not answer">
          What you see may be old; commands are not carried out. It is tried again by itself.
        </Alert>
      )}
      {!status.chain.connected && <ChainDown chain={status.chain} />}
      {!status.connected && (
        <Alert component="h2" isInline variant="warning" title={`${status.charge_point_id} is not connected`}>
          Check that it has power and network, and that its backend URL ends in /{status.charge_point_id}.
          {status.last_seen_at && ` It was last heard at ${timeOfDay(status.last_seen_at)}.`}
        </Alert>
      )}
      {status.disputed.length > 0 && (
        <Alert component="h2" isInline variant="warning" title="A payout did not go through in time">
          Of {status.disputed.map((id) => shortened(id)).join(', ')}; the connector is free meanwhile. See “Disputed sessions”
          for what can be done.
        </Alert>
      )}
    </>
  );
}

function ChainDown({ chain }: { chain: ChainStatus }) {
  return (
    <Alert component="h2" isInline variant="danger" title="The chain’s node does not answer">
      {chain.url ? `${chain.url}: ` : ''}
      {chain.error ?? 'no connection'}. No quotes are given and payouts wait; nothing is lost. It is tried again by
      itself, or now with “Reconnect to the node”.
    </Alert>
  );
}
