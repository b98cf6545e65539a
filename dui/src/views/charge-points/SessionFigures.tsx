import type { ReactNode } from 'react';
import type { Token } from '../../format/amount';
import { duration, kilowattHours, kilowatts } from '../../format/units';
import type { Session } from '../../wire/types';
import { Amount } from '../../parts/Amount';

/** The four numbers to be read at arm's length. */
export function SessionFigures({ session, token }: { session: Session; token: Token }) {
  const first = session.curve[0];
  const last = session.curve.at(-1);
  const power = kilowatts(session.power_w);
  return (
    <dl className="console-figures">
      <Figure name="Energy">
        <span data-figure="energy">{kilowattHours(session.energy_wh ?? 0)}</span> <span className="console-unit">kWh</span>
      </Figure>
      <Figure name="Power">
        {power ? (
          <>
            {power} <span className="console-unit">kW</span>
          </>
        ) : (
          <span className="console-unknown">–</span>
        )}
      </Figure>
      <Figure name="Cost">
        {session.private ? 'none' : <Amount money={session.receipt?.spent ?? session.cost} token={token} />}
      </Figure>
      {session.soc_percent != null ? (
        <Figure name="Battery">
          {session.soc_percent} <span className="console-unit">%</span>
        </Figure>
      ) : (
        <Figure name="Time">{first && last ? duration(last.t - first.t) : <span className="console-unknown">–</span>}</Figure>
      )}
    </dl>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="console-figure">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
