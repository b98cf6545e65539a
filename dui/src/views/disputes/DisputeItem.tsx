import { Link } from 'wouter';
import { quotedToken } from '../../format/amount';
import { dayAndTime, duration, kilowattHours } from '../../format/units';
import { path } from '../../http/client';
import { Amount } from '../../parts/Amount';
import { Copyable } from '../../parts/Copyable';
import { Figure, Figures } from '../../parts/Figure';
import { Mark } from '../../parts/Mark';
import { say } from '../../words/language';
import { inWords } from '../../words/phases';
import { disputeAdvice } from './advice';
import { Decide } from './Decide';
import type { Decided, Dispute } from './types';
import { WORDS } from './words';

interface DisputeItemProps {
  dispute: Dispute;
  onDecided: (decided: Decided) => void;
}

/** A session that waits for its payout: what it is about, what holds it up, what can be decided. */
export function DisputeItem({ dispute, onDecided }: DisputeItemProps) {
  const words = say(WORDS);
  const { charge_point_id: point, session_id: session, since, released, reasons, stop_reason: stop } = dispute;
  const token = quotedToken(dispute, dispute.chain_id);
  const now = new Date();
  return (
    <li className="console-disputes-item" data-session={session}>
      <div className="console-disputes-head">
        <h3>
          <Link href={path`/charge-points/${point}`}>{words.place(point, dispute.connector_id)}</Link>
        </h3>
        <Mark tone={released ? 'neutral' : 'danger'}>{released ? words.left : words.notPaid}</Mark>
        <strong>{reasons.length > 0 ? reasons.map((reason) => inWords(`settlement_${reason}`)).join(', ') : !released && words.underWay}</strong>
      </div>
      <p className="console-hint">
        {since && words.since(dayAndTime(since), duration(now.getTime() - Date.parse(since)))}
        {stop && ` · ${inWords(stop)}`}
        {dispute.flags.includes('generated') && ` · ${inWords('generated')}`}
      </p>
      <Figures>
        <Figure name={words.toStation} figure="payout">
          <Amount money={dispute.payout} token={token} />
        </Figure>
        <Figure name={words.deposit} figure="deposit">
          <Amount money={dispute.deposit} token={token} />
        </Figure>
        <Figure name={words.energy} unit="kWh" figure="energy">
          {kilowattHours(dispute.energy_wh)}
        </Figure>
      </Figures>
      {disputeAdvice(dispute, now).map((text) => (
        <p key={text}>{text}</p>
      ))}
      {reasons.some((reason) => reason === 'chain_unavailable' || reason === 'gas_account_low') && <Link href="/chain">{words.chain}</Link>}
      <p className="console-disputes-names">
        <span>
          <span className="console-hint">{words.session}</span> <Copyable text={session} name={words.session} />
        </span>
        {dispute.wallet && (
          <span>
            <span className="console-hint">{words.wallet}</span> <Copyable text={dispute.wallet} name={words.wallet} />
          </span>
        )}
      </p>
      {dispute.decisions.length > 0 && <Decide dispute={dispute} token={token} onDecided={onDecided} />}
    </li>
  );
}
