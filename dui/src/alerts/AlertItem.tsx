import { Link } from 'wouter';
import { dayAndTime } from '../format/units';
import { path } from '../http/client';
import { useChange } from '../http/hooks';
import { Mark } from '../parts/Mark';
import { ProblemView } from '../parts/ProblemView';
import { Button } from '../patternfly';
import { useMay } from '../shell/me';
import { say } from '../words/language';
import type { ActiveAlert } from '../wire/types';
import { alertWords, WORDS } from './words';

/** An alert: what is wrong, since when, what to do, and who takes care of it. */
export function AlertItem({ alert }: { alert: ActiveAlert }) {
  const words = say(WORDS);
  const { title, advice, tone, href } = alertWords(alert);
  const acknowledge = useChange('POST', path`/alerts/${alert.id}/acknowledge`, ['/alerts']);
  const mayAcknowledge = useMay('operator') && !alert.acknowledged_by;
  return (
    <li className="console-alert" data-kind={alert.kind}>
      <Mark tone={tone}>{title}</Mark>
      <p className="console-hint">
        {words.since(dayAndTime(alert.since))} · {advice}
      </p>
      <div className="console-alert-actions">
        <Link href={href}>{words.look}</Link>
        {alert.acknowledged_by && <span className="console-hint">{words.acknowledged(alert.acknowledged_by)}</span>}
        {mayAcknowledge && (
          <Button variant="link" isInline isLoading={acknowledge.isPending} isDisabled={acknowledge.isPending} onClick={() => acknowledge.mutate(undefined)}>
            {words.acknowledge}
          </Button>
        )}
      </div>
      {acknowledge.error && <ProblemView problem={acknowledge.error} />}
    </li>
  );
}
