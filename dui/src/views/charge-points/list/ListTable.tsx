import { Link } from 'wouter';
import { dayAndTime, kilowatts } from '../../../format/units';
import { path } from '../../../http/client';
import { Mark } from '../../../parts/Mark';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../../parts/Table';
import { connectorWords } from '../../../words/connectors';
import { say } from '../../../words/language';
import { WORDS } from '../words';
import type { Listed } from './listed';
import { AlertsMark, Connection } from './marks';

/** The charge points as a table, for many of them. */
export function ListTable({ rows }: { rows: readonly Listed[] }) {
  const words = say(WORDS);
  const { columns } = words.list;
  return (
    <div className="console-cp-scroll">
      <Table variant="compact" aria-label={words.title}>
        <Thead>
          <Tr>
            {Object.values(columns).map((name) => (
              <Th key={name} modifier="nowrap">{name}</Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {rows.map((listed) => (
            <Tr key={listed.id}>
              <Td dataLabel={columns.id}>
                <Link href={path`/charge-points/${listed.id}`}>{listed.id}</Link>
              </Td>
              <Td dataLabel={columns.name}>{listed.name || '–'}</Td>
              <Td dataLabel={columns.state}>
                <Connection listed={listed} />
              </Td>
              <Td dataLabel={columns.connectors}>
                <span className="console-cp-marks">
                  {listed.connectors.map(({ connector_id, status }) => {
                    const { tone, label } = connectorWords(status);
                    return (
                      <Mark key={connector_id} tone={listed.isConnected ? tone : 'neutral'}>
                        {connector_id}: {label}
                      </Mark>
                    );
                  })}
                </span>
              </Td>
              <Td dataLabel={columns.power}>{listed.powerW === null ? '–' : `${kilowatts(listed.powerW)} kW`}</Td>
              <Td dataLabel={columns.alerts}>{listed.alerts > 0 ? <AlertsMark listed={listed} /> : '–'}</Td>
              <Td dataLabel={columns.model}>{listed.model || '–'}</Td>
              <Td dataLabel={columns.seen}>{dayAndTime(listed.lastSeenAt) || '–'}</Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}
