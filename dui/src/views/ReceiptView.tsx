import { Title } from '../patternfly';
import { count, dayAndTime, kilowattHours } from '../format/units';
import type { PriceLine, Receipt } from '../wire/types';
import { Amount } from './Amount';
import { Copyable } from './Copyable';

interface ReceiptViewProps {
  receipt: Receipt;
  chainId: number | null | undefined;
}

/** Where each token of the deposit went, and the transaction that moved it. */
export function ReceiptView({ receipt, chainId }: ReceiptViewProps) {
  return (
    <section className="console-receipt" aria-label="Receipt">
      <Title headingLevel="h3" size="md">
        Receipt
      </Title>
      <table className="console-receipt-lines">
        <tbody>
          {(receipt.price_lines ?? []).map((line) => (
            <tr key={line.item}>
              <th scope="row">{lineName(line)}</th>
              <td>
                <Amount money={line.amount} chainId={chainId} />
              </td>
            </tr>
          ))}
          <MoneyRow name="Deposit" money={receipt.deposit} chainId={chainId} figure="receipt-deposit" />
          <MoneyRow name="Spent, to the station" money={receipt.spent} chainId={chainId} figure="receipt-spent" />
          <MoneyRow name="Refund, to the driver" money={receipt.refund} chainId={chainId} figure="receipt-refund" />
        </tbody>
      </table>
      <p className="console-receipt-transaction">
        <span className="console-hint">Transaction</span> <Copyable text={receipt.transaction_hash} name="transaction hash" />
        {receipt.stopped_at && <span className="console-hint">{dayAndTime(receipt.stopped_at)}</span>}
      </p>
    </section>
  );
}

function MoneyRow(props: { name: string; money: string; chainId: number | null | undefined; figure: string }) {
  return (
    <tr className="console-receipt-total">
      <th scope="row">{props.name}</th>
      <td data-figure={props.figure}>
        <Amount money={props.money} chainId={props.chainId} />
      </td>
    </tr>
  );
}

function lineName(line: PriceLine): string {
  if (line.item === 'energy') return `Energy, ${kilowattHours(line.quantity)} kWh`;
  if (line.item === 'session') return 'Session fee';
  return `${line.item.replaceAll('_', ' ')}, ${count(line.quantity)} ${line.unit}`;
}
