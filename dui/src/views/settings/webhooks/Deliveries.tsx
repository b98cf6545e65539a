import { count, dayAndTime } from '../../../format/units';
import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { Loading } from '../../../parts/Loading';
import { Mark } from '../../../parts/Mark';
import { ProblemView } from '../../../parts/ProblemView';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../../parts/Table';
import { say } from '../../../words/language';
import type { Tone } from '../../../words/phases';
import type { Delivery, List, Webhook } from '../types';
import { WORDS } from '../words';

const EVERY_MS = 5_000;
const TONES: Record<Delivery['state'], Tone> = { waiting: 'info', delivered: 'success', failed: 'danger', dropped: 'warning' };

/** What was sent to a receiver, and what still waits. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const words = say(WORDS).webhooks;
  const { columns } = words;
  const { data, error, refetch } = useRead<List<Delivery>>(path`/webhooks/${webhook.id}/deliveries`, {}, { every: EVERY_MS });
  if (error) return <ProblemView problem={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading />;
  if (data.items.length === 0) return <p className="console-hint">{words.noDeliveries}</p>;
  return (
    <Table aria-label={`${words.deliveries}: ${webhook.name}`} variant="compact">
      <Thead>
        <Tr>
          {[columns.at, columns.what, columns.state, columns.attempts, columns.answer, columns.next].map((name) => (
            <Th key={name}>{name}</Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {data.items.map((delivery) => (
          <Tr key={delivery.id}>
            <Td dataLabel={columns.at}>{dayAndTime(delivery.made_at)}</Td>
            <Td dataLabel={columns.what}>
              {words.types[delivery.type]} {delivery.alert_id && <code className="console-hint">{delivery.alert_id}</code>}
            </Td>
            <Td dataLabel={columns.state}>
              <Mark tone={TONES[delivery.state]}>{words.states[delivery.state]}</Mark>
            </Td>
            <Td dataLabel={columns.attempts}>{count(delivery.attempts)}</Td>
            <Td dataLabel={columns.answer}>{answerOf(delivery)}</Td>
            <Td dataLabel={columns.next}>{dayAndTime(delivery.next_attempt_at) || '–'}</Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function answerOf({ response_status: status, error, milliseconds }: Delivery): string {
  const took = milliseconds === null ? null : `${count(milliseconds)} ms`;
  return [status, error, took].filter((part) => part !== null).join(' · ') || '–';
}
