import { Mark } from '../../parts/Mark';
import { say } from '../../words/language';
import { faultWords } from './receiptFaults';
import { WORDS } from './one/words';

/** Whether a receipt is right, and all that is wrong with it. */
export function ReceiptCheckView({ faults }: { faults: readonly string[] }) {
  const words = say(WORDS);
  if (faults.length === 0) return <Mark tone="success">{words.right}</Mark>;
  return (
    <div>
      <Mark tone="danger">{words.wrong}</Mark>
      <ul className="console-sessions-faults">
        {faults.map((fault) => (
          <li key={fault}>{faultWords(fault)}</li>
        ))}
      </ul>
    </div>
  );
}
