import { Title } from '../patternfly';
import type { Token } from '../format/amount';
import { count, dayAndTime, duration, kilowattHours } from '../format/units';
import type { PriceLine, Receipt } from '../wire/types';
import { Amount } from './Amount';
import { Copyable } from './Copyable';

interface ReceiptViewProps {
  receipt: Receipt;
  token: Token;
}

/** Where each token of the deposit went, and the transaction that moved it. */
export function ReceiptView({ receipt, token }: ReceiptViewProps) {
  return (
    <section className="console-receipt" aria-label="Receipt">
      <Title headingLevel="h3" size="md">
        Receipt
      </Title>
      <table className="console-receipt-lines">
        <tbody>
          {(receipt.price_lines ?? []).map((line, place) => (
            <tr key={place}>
              <th scope="row">{lineName(line)}</th>
              <td>
                <Amount money={line.amount} token={token} />
              </td>
            </tr>
          ))}
          <MoneyRow name="Deposit" money={receipt.deposit} token={token} figure="receipt-deposit" />
          <MoneyRow name="Spent, to the station" money={receipt.spent} token={token} figure="receipt-spent" />
          <MoneyRow name="Refund, to the driver" money={receipt.refund} token={token} figure="receipt-refund" />
        </tbody>
      </table>
      <p className="console-receipt-transaction">
        <span className="console-hint">Transaction</span> <Copyable text={receipt.transaction_hash} name="transaction hash" />
        {receipt.stopped_at && <span className="console-hint">{dayAndTime(receipt.stopped_at)}</span>}
      </p>
    </section>
  );
}

function MoneyRow(props: { name: string; money: string; token: Token; figure: string }) {
  return (
    <tr className="console-receipt-total">
      <th scope="row">{props.name}</th>
      <td data-figure={props.figure}>
        <Amount money={props.money} token={props.token} />
      </td>
    </tr>
  );
}

function lineName(line: PriceLine): string {
  if (line.item === 'energy') return `Energy, ${kilowattHours(line.quantity)} kWh`;
  if (line.item === 'session') return 'Session fee';
  if (line.item === 'time') return `Time, ${duration(line.quantity * 1000)}`;
  if (line.item === 'idle') return `Occupied while full, ${duration(line.quantity * 1000)}`;
  if (line.item === 'tax') return `Tax, ${line.quantity / 10_000} %`;
  if (line.item === 'minimum' || line.item === 'maximum') return `To the ${line.item} price`;
  return `${line.item.replaceAll('_', ' ')}, ${count(line.quantity)} ${line.unit}`;
}
