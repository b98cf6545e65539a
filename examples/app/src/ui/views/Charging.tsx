import { useState } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { Busy, Card, Fact, Facts, Notice, Sheet, TroubleNotice } from '../parts/bits';
import { Gauge } from '../parts/Gauge';
import { MoneyBar } from '../parts/MoneyBar';
import { Screen } from '../parts/Screen';
import { energy, shortAmount } from '../format';
import { useModel } from '../hooks';
import type { SessionRecord } from '../keep';
import { stageOf } from '../phases';
import { hashOf } from '../route';
import { type Trouble, troubleOf } from '../trouble';
import { nameOf } from '../stations';
import { words } from '../words';
import { PowerCurve } from './PowerCurve';
import { RefundCard } from './RefundCard';
import { Reach } from './SessionScreen';

const say = words.session;

/** The live session: what flows, what it costs, and the way to stop. */
export function Charging({ record }: { record: SessionRecord }) {
  const model = useModel();
  const { view } = record;
  const live = model.session(record.sessionId);
  const begun = stageOf(record) === 'charging';
  return (
    <Screen
      title={nameOf(record.station)}
      back={hashOf({ at: 'start' })}
      aside={<Reach record={record} />}
      foot={<Stop record={record} />}
    >
      {!live && <Busy>{say.taking}</Busy>}
      {live && !view.connected && (
        <Notice tone="warn" icon="offline" title={say.lost}><p>{say.lostText}</p></Notice>
      )}
      <Gauge watts={begun ? view.powerW : 0} most={record.station?.maximumPowerW || 22_000} phase={view.phase}>
        {words.phase(view.phase)}
      </Gauge>
      {!begun && view.phase === 'starting' && <p class="hint centred">{say.plugIn}</p>}
      <Card>
        <div class="figures">
          <Figure name={say.energy} figure="energy">{energy(view.energyWh)}</Figure>
          <Figure name={say.cost} figure="cost">{shortAmount(view.cost, view.token)}</Figure>
        </div>
        <MoneyBar deposit={view.deposit} cost={view.cost} signed={view.voucher} />
        <Facts>
          <Fact name={say.signed} figure="signed">{shortAmount(view.voucher, view.token)}</Fact>
          <Fact name={say.left} figure="left">{shortAmount(view.remaining, view.token)}</Fact>
        </Facts>
        <p class="hint">{say.signedHint}</p>
      </Card>
      <Card title={say.curve}>
        <PowerCurve curve={view.curve} />
      </Card>
      <RefundCard record={record} quiet />
    </Screen>
  );
}

function Figure({ name, figure, children }: { name: string; figure: string; children: string }) {
  return (
    <div class="figure">
      <span class="hint">{name}</span>
      <strong data-figure={figure}>{children}</strong>
    </div>
  );
}

/** Stop, which asks once. */
function Stop({ record }: { record: SessionRecord }) {
  const model = useModel();
  const [asking, setAsking] = useState(false);
  const [stopping, setStopping] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const live = model.session(record.sessionId);
  const stop = async () => {
    setAsking(false);
    setStopping(true);
    setTrouble(undefined);
    try {
      await live?.stop();
    } catch (error) {
      setTrouble(troubleOf(error));
    }
    setStopping(false);
  };
  return (
    <>
      {trouble && <TroubleNotice trouble={trouble} />}
      <button
        type="button"
        class="button button-stop"
        disabled={!live || stopping}
        onClick={() => setAsking(true)}
      >
        <Icon name="stop" /> {stopping ? say.stopping : say.stop}
      </button>
      <Sheet title={say.stopAsk} open={asking} onClose={() => setAsking(false)}>
        <p>{say.stopText}</p>
        <button type="button" class="button button-stop" onClick={() => void stop()}>{say.stopYes}</button>
        <button type="button" class="button" onClick={() => setAsking(false)}>{say.stopNo}</button>
      </Sheet>
    </>
  );
}
