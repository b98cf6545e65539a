import { count } from '../../format/units';
import { Mark } from '../../parts/Mark';
import { Panel } from '../../parts/Panel';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../parts/Table';
import { say } from '../../words/language';
import type { Tone } from '../../words/phases';
import type { ChainShown, Node } from './types';
import { WORDS } from './words';

const TONES: Record<Node['state'], Tone> = {
  unknown: 'neutral',
  up: 'success',
  slow: 'warning',
  behind: 'warning',
  down: 'danger',
  wrong_chain: 'danger',
};

/** Each node that may be asked, and how it is doing. */
export function Nodes({ chain }: { chain: ChainShown }) {
  const words = say(WORDS);
  const columns = words.node;
  return (
    <Panel title={words.nodes}>
      <Table aria-label={words.nodes} variant="compact">
        <Thead>
          <Tr>
            <Th>{columns.url}</Th>
            <Th>{columns.state}</Th>
            <Th>{columns.block}</Th>
            <Th>{columns.latency}</Th>
            <Th>{columns.error}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {chain.nodes.map((node) => (
            <Tr key={node.url}>
              <Td dataLabel={columns.url}>
                <code>{node.url}</code>
                {node.url === chain.node.url && <span className="console-hint"> {columns.inUse}</span>}
              </Td>
              <Td dataLabel={columns.state}>
                <Mark tone={TONES[node.state]}>{words.nodeStates[node.state]}</Mark>
              </Td>
              <Td dataLabel={columns.block}>{node.block_number == null ? '–' : count(node.block_number)}</Td>
              <Td dataLabel={columns.latency}>{node.latency_ms == null ? '–' : `${count(node.latency_ms)} ms`}</Td>
              <Td dataLabel={columns.error}>{node.error ?? '–'}</Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </Panel>
  );
}
