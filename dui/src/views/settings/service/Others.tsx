import { dayAndTime } from '../../../format/units';
import { Copyable } from '../../../parts/Copyable';
import { Mark } from '../../../parts/Mark';
import { Panel } from '../../../parts/Panel';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../../parts/Table';
import { say } from '../../../words/language';
import type { SettingsShown } from '../types';
import { WORDS } from '../words';

/** The gateways that charge points connect to. */
export function Gateways({ gateways }: { gateways: SettingsShown['gateways'] }) {
  const { state, service: words } = say(WORDS);
  return (
    <Panel title={words.gateways}>
      {gateways.length === 0 && <p className="console-hint">{words.noGateway}</p>}
      {gateways.length > 0 && (
        <Table aria-label={words.gateways} variant="compact">
          <Thead>
            <Tr>
              <Th>{words.server_}</Th>
              <Th>{state}</Th>
              <Th>{words.lastSign}</Th>
            </Tr>
          </Thead>
          <Tbody>
            {gateways.map(({ name, is_alive: isAlive, last_seen_at: at }) => (
              <Tr key={name}>
                <Td dataLabel={words.server_}>
                  <code>{name}</code>
                </Td>
                <Td dataLabel={state}>
                  <Life isAlive={isAlive} />
                </Td>
                <Td dataLabel={words.lastSign}>{dayAndTime(at)}</Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
    </Panel>
  );
}

/** The servers by which apps reach the stations. */
export function P2pServers({ servers }: { servers: SettingsShown['p2p_servers'] }) {
  const { state, service: words } = say(WORDS);
  return (
    <Panel title={words.p2p}>
      {servers.length === 0 && <p className="console-hint">{words.noP2p}</p>}
      {servers.length > 0 && (
        <Table aria-label={words.p2p} variant="compact">
          <Thead>
            <Tr>
              <Th>{words.server_}</Th>
              <Th>{state}</Th>
              <Th>{words.lastSign}</Th>
              <Th>{words.listens}</Th>
            </Tr>
          </Thead>
          <Tbody>
            {servers.map(({ peer_id: peer, is_alive: isAlive, updated_at: at, multiaddrs }) => (
              <Tr key={peer}>
                <Td dataLabel={words.server_}>
                  <Copyable text={peer} name={words.server_} />
                </Td>
                <Td dataLabel={state}>
                  <Life isAlive={isAlive} />
                </Td>
                <Td dataLabel={words.lastSign}>{dayAndTime(at) || '–'}</Td>
                <Td dataLabel={words.listens} className="console-settings-value">
                  {multiaddrs.map((address) => (
                    <div key={address}>
                      <code>{address}</code>
                    </div>
                  ))}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
    </Panel>
  );
}

function Life({ isAlive }: { isAlive: boolean }) {
  const words = say(WORDS).service;
  return <Mark tone={isAlive ? 'success' : 'danger'}>{isAlive ? words.alive : words.gone}</Mark>;
}
