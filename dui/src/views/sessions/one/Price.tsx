import type { Token } from '../../../format/amount';
import { Amount } from '../../../parts/Amount';
import { Loading } from '../../../parts/Loading';
import { Panel } from '../../../parts/Panel';
import { lineName } from '../../../parts/receiptWords';
import type { PriceLine } from '../../../wire/types';
import { say } from '../../../words/language';
import type { One } from './useOne';
import { WORDS } from './words';

type Line = PriceLine & { window?: number | null };

/** How the price came about, line by line. */
export function Price({ one: { record, token } }: { one: One }) {
  const words = say(WORDS);
  const lines: readonly Line[] = record.price;
  if (lines.length === 0 || !token) {
    return <Panel title={words.price}>{lines.length === 0 ? <p className="console-hint">{words.noPrice}</p> : <Loading />}</Panel>;
  }
  const { item, price, amount } = words.priceColumns;
  return (
    <Panel title={words.price}>
      <table className="console-sessions-price">
        <thead>
          <tr>
            <th scope="col">{item}</th>
            <th scope="col">{price}</th>
            <th scope="col">{amount}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, place) => (
            <tr key={place} data-item={line.item}>
              <th scope="row">
                {lineName(line)}
                {line.window != null && <span className="console-hint"> {words.slot(line.window + 1)}</span>}
              </th>
              <td>
                <UnitPrice line={line} token={token} />
              </td>
              <td>
                <Amount money={line.amount} token={token} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={2}>
              {words.total}
            </th>
            <td data-figure="price">
              <Amount money={totalOf(lines)} token={token} />
            </td>
          </tr>
        </tfoot>
      </table>
    </Panel>
  );
}

/** The price of one unit; a tax and a bound have none. */
function UnitPrice({ line, token }: { line: Line; token: Token }) {
  const { per } = say(WORDS);
  const unit = { energy: per.kwh, time: per.minute, idle: per.minute, session: per.session }[line.item];
  if (!unit) return null;
  return (
    <>
      <Amount money={line.price} token={token} /> <span className="console-hint">{unit}</span>
    </>
  );
}

function totalOf(lines: readonly Line[]): string {
  return lines.reduce((sum, { amount }) => sum + BigInt(amount), 0n).toString();
}
