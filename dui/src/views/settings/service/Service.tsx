import { useState } from 'react';
import { dayAndTime } from '../../../format/units';
import { useRead } from '../../../http/hooks';
import { Fact, Facts } from '../../../parts/Facts';
import { Loading } from '../../../parts/Loading';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../../parts/Table';
import { TextInput } from '../../../patternfly';
import { say } from '../../../words/language';
import type { SettingsShown } from '../types';
import { WORDS } from '../words';
import { Gateways, P2pServers } from './Others';

const EVERY_MS = 10_000;

/** How the process that serves this page is set up, and what else there is. */
export function Service() {
  const { tabs, service: words } = say(WORDS);
  const { data, error, refetch } = useRead<SettingsShown>('/settings', {}, { every: EVERY_MS });
  if (!data) return error ? <ProblemView problem={error} onRetry={() => void refetch()} /> : <Loading />;
  return (
    <>
      <Panel title={tabs.service}>
        <div className="console-settings-part">
          <Facts>
            <Fact name={words.server} figure="server">
              {data.server}
            </Fact>
            <Fact name={words.version} figure="version">
              {data.version}
            </Fact>
            <Fact name={words.zone} figure="zone">
              {data.zone}
            </Fact>
            <Fact name={words.clock}>{dayAndTime(data.clock)}</Fact>
          </Facts>
          {data.zone === 'UTC' && <p className="console-hint">{words.noZone}</p>}
        </div>
      </Panel>
      <Gateways gateways={data.gateways} />
      <P2pServers servers={data.p2p_servers} />
      <Environment settings={data.settings} />
    </>
  );
}

function Environment({ settings }: { settings: SettingsShown['settings'] }) {
  const { service: words } = say(WORDS);
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const shown = settings.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted));
  return (
    <Panel title={words.settings}>
      <div className="console-settings-part">
        <p className="console-hint">{words.settingsAbout}</p>
        <div className="console-settings-filters">
          <TextInput type="search" aria-label={words.search} placeholder={words.search} value={text} onChange={(_event, value) => setText(value)} />
        </div>
        <Table aria-label={words.settings} variant="compact">
          <Thead>
            <Tr>
              <Th>{words.setting}</Th>
              <Th>{words.value}</Th>
            </Tr>
          </Thead>
          <Tbody>
            {shown.map(({ name, value, is_secret: isSecret }) => (
              <Tr key={name}>
                <Td dataLabel={words.setting}>
                  <code>{name}</code>
                </Td>
                <Td dataLabel={words.value} className="console-settings-value">
                  {value ? <code>{value}</code> : <span className="console-unknown">{words.empty}</span>}
                  {isSecret && <span className="console-hint"> {words.secret}</span>}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      </div>
    </Panel>
  );
}
