import type { Token } from '../format/amount';
import { dayAndTime } from '../format/units';
import { Title } from '../patternfly';
import type { Receipt } from '../wire/types';
import { say } from '../words/language';
import { Amount } from './Amount';
import { Copyable } from './Copyable';
import { lineName, WORDS } from './receiptWords';

interface ReceiptViewProps {
  receipt: Receipt;
  token: Token;
}

/** Where each token of the deposit went, and the transaction that moved it. */
export function ReceiptView({ receipt, token }: ReceiptViewProps) {
  const words = say(WORDS);
  return (
    <section className="console-receipt" aria-label={words.title}>
      <Title headingLevel="h3" size="md">
        {words.title}
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
          <MoneyRow name={words.deposit} money={receipt.deposit} token={token} figure="receipt-deposit" />
          <MoneyRow name={words.spent} money={receipt.spent} token={token} figure="receipt-spent" />
          <MoneyRow name={words.refund} money={receipt.refund} token={token} figure="receipt-refund" />
        </tbody>
      </table>
      <p className="console-receipt-transaction">
        <span className="console-hint">{words.transaction}</span>{' '}
        <Copyable text={receipt.transaction_hash} name={words.transactionHash} />
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
