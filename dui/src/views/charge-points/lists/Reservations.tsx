import { dayAndTime } from '../../../format/units';
import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import type { Moment } from '../../../wire/types';
import { say } from '../../../words/language';
import { ActionButton } from '../commands/ActionButton';
import { FormToggle } from './FormToggle';
import { Listing } from './Listing';
import { WORDS } from './words';

interface Reservation {
  reservation_id: number;
  connector_id: number;
  id_tag: string;
  expires_at: Moment;
}

/** The connectors that are kept for somebody. */
export function Reservations({ id }: { id: string }) {
  const words = say(WORDS);
  const { data, error } = useRead<{ items: Reservation[] }>(path`/charge-points/${id}/reservations`, {}, { every: 10_000 });
  return (
    <Panel title={words.reservations.title}>
      {error && <ProblemView problem={error} />}
      {data?.items.length === 0 && <p className="console-hint">{words.reservations.none}</p>}
      {data && data.items.length > 0 && (
        <Listing
          label={words.reservations.title}
          items={data.items}
          keyOf={({ reservation_id }) => String(reservation_id)}
          columns={[
            [words.reservations.number, ({ reservation_id }) => reservation_id],
            [words.connector, ({ connector_id }) => (connector_id === 0 ? words.anyConnector : connector_id)],
            [words.idTag, ({ id_tag }) => <code>{id_tag}</code>],
            [words.until, ({ expires_at }) => dayAndTime(expires_at)],
            [
              words.reservations.cancel,
              ({ reservation_id: number }) => (
                <ActionButton
                  chargePointId={id}
                  operation="CancelReservation"
                  body={{ reservationId: number }}
                  label={`${words.reservations.cancel} ${number}`}
                />
              ),
            ],
          ]}
        />
      )}
      <FormToggle id={id} forms={[{ operation: 'ReserveNow', label: words.reservations.make }]} />
    </Panel>
  );
}
