import { dayAndTime } from '../../format/units';
import { numberFormat } from '../../format/locale';
import { Copyable } from '../../parts/Copyable';
import { Panel } from '../../parts/Panel';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../parts/Table';
import { say } from '../../words/language';
import type { ChainShown } from './types';
import { WORDS } from './words';

const GWEI = 1e9;

/** What the gas account sent and no block holds yet. */
export function PendingList({ chain }: { chain: ChainShown }) {
  const words = say(WORDS);
  const { columns } = words;
  const fee = numberFormat({ maximumSignificantDigits: 4 });
  return (
    <Panel title={words.pending}>
      {chain.pending_error && <p>{words.pendingUnknown} {chain.pending_error}</p>}
      {!chain.pending_error && chain.pending.length === 0 && <p className="console-hint">{words.nonePending}</p>}
      {chain.pending.length > 0 && (
        <Table aria-label={words.pending} variant="compact">
          <Thead>
            <Tr>
              <Th modifier="nowrap">{columns.nonce}</Th>
              <Th>{columns.purpose}</Th>
              <Th>{columns.waits}</Th>
              <Th>{columns.since}</Th>
              <Th>{columns.fee}</Th>
              <Th>{columns.hash}</Th>
            </Tr>
          </Thead>
          <Tbody>
            {chain.pending.map((sent) => (
              <Tr key={sent.nonce}>
                <Td dataLabel={columns.nonce}>{sent.nonce}</Td>
                <Td dataLabel={columns.purpose}>{words.purposes[sent.purpose]}</Td>
                <Td dataLabel={columns.waits}>{words.waits[sent.waits_for]}</Td>
                <Td dataLabel={columns.since}>{dayAndTime(sent.sent_at)}</Td>
                <Td dataLabel={columns.fee}>
                  {fee.format(Number(sent.max_fee_per_gas) / GWEI)} {words.gwei} · {words.offers(sent.offers)}
                </Td>
                <Td dataLabel={columns.hash}>
                  <Copyable text={sent.hash} name={columns.hash} />
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
    </Panel>
  );
}
