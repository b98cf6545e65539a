import { DownloadIcon } from '@patternfly/react-icons';
import { nativeToken } from '../../../format/amount';
import { count } from '../../../format/units';
import { keep } from '../../../http/download';
import { Amount } from '../../../parts/Amount';
import { Copyable } from '../../../parts/Copyable';
import { Fact, Facts } from '../../../parts/Facts';
import { Panel } from '../../../parts/Panel';
import { Button } from '../../../patternfly';
import { useMay } from '../../../shell/me';
import { say } from '../../../words/language';
import { ReceiptCheckView } from '../ReceiptCheckView';
import type { Signed } from '../types';
import { WORDS } from './words';
import type { One } from './useOne';

/** The receipt with the check of it, and the transactions that moved its money. */
export function ReceiptPanel({ one }: { one: One }) {
  const words = say(WORDS);
  const isOperator = useMay('operator');
  const { receipt, session_id, status } = one.record;
  const save = receipt && (
    <Button variant="secondary" icon={<DownloadIcon />} onClick={() => saveReceipt(receipt, session_id)}>
      {words.save}
    </Button>
  );
  return (
    <>
      <Panel title={words.receipt} actions={save}>
        {!isOperator && <p className="console-hint">{words.operatorsOnly}</p>}
        {isOperator && !receipt && <p className="console-hint">{status.private ? words.noReceiptTest : words.noReceipt}</p>}
        {receipt && <Checked one={one} />}
      </Panel>
      <Transactions one={one} />
    </>
  );
}

function Checked({ one: { record, receipt } }: { one: One }) {
  const words = say(WORDS);
  const check = record.receipt_check;
  const parties = [
    [words.hash, check?.hash],
    [words.signer, check?.signer],
    [words.provider, receipt?.provider],
    [words.wallet, receipt?.wallet],
    [words.refundAccount, receipt?.refund_account],
  ] as const;
  return (
    <div className="console-sessions-receipt">
      {check && <ReceiptCheckView faults={check.faults} />}
      <p className="console-hint">{words.checkAbout}</p>
      <Facts>
        {parties.map(([name, value]) =>
          value ? (
            <Fact key={name} name={name}>
              <Copyable text={value} name={name} />
            </Fact>
          ) : null,
        )}
      </Facts>
    </div>
  );
}

function Transactions({ one: { record, row } }: { one: One }) {
  const words = say(WORDS);
  if (!useMay('operator')) return null;
  return (
    <Panel title={words.transactions}>
      {record.transactions.length === 0 && <p className="console-hint">{words.noTransactions}</p>}
      <Facts>
        {record.transactions.map(({ kind, hash }) => (
          <Fact key={hash} name={words.kinds[kind] ?? kind} figure={`transaction-${kind}`}>
            <Copyable text={hash} name={words.kinds[kind] ?? kind} />
          </Fact>
        ))}
        {row && record.gas_used > 0 && (
          <Fact name={words.gasFee} figure="gas-fee">
            <Amount money={row.gas_fee} token={nativeToken(row.chain_id)} /> <span className="console-hint">{words.gas(count(record.gas_used))}</span>
          </Fact>
        )}
      </Facts>
    </Panel>
  );
}

/** The receipt as it was signed: what the driver has, and what any checker of receipts takes. */
function saveReceipt(receipt: Signed, sessionId: string): void {
  keep(new Blob([JSON.stringify(receipt)], { type: 'application/json' }), `receipt-${sessionId.slice(2, 18)}.json`);
}
