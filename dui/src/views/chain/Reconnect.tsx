import { count } from '../../format/units';
import { useChange } from '../../http/hooks';
import { Mark } from '../../parts/Mark';
import { ProblemView } from '../../parts/ProblemView';
import { Button } from '../../patternfly';
import { useMay } from '../../shell/me';
import { say } from '../../words/language';
import type { Reconnected } from './types';
import { WORDS } from './words';

/** Connects to the node again, now, and shows what came of it. */
export function Reconnect() {
  const words = say(WORDS);
  const reconnect = useChange<Reconnected>('POST', '/chain/reconnect', ['/chain']);
  const mayReconnect = useMay('operator');
  if (!mayReconnect) return null;
  return (
    <>
      <div aria-live="polite">
        {reconnect.data && <Answer answer={reconnect.data} />}
        {reconnect.error && <ProblemView problem={reconnect.error} />}
      </div>
      <Button variant="secondary" isLoading={reconnect.isPending} isDisabled={reconnect.isPending} onClick={() => reconnect.mutate(undefined)}>
        {words.reconnect}
      </Button>
    </>
  );
}

function Answer({ answer }: { answer: Reconnected }) {
  const words = say(WORDS);
  if (answer.outcome === 'unreachable') return <Mark tone="danger">{words.unreachable[answer.reason ?? 'no_answer']}</Mark>;
  return <Mark tone="success">{words.reconnected(count(answer.block_number ?? 0), count(answer.latency_ms ?? 0))}</Mark>;
}
