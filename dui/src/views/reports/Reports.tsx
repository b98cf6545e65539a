import { ChartBarIcon, PrintIcon } from '@patternfly/react-icons';
import { Link } from 'wouter';
import { Exports } from '../../exports/Exports';
import { useRead } from '../../http/hooks';
import { EmptyView } from '../../parts/EmptyView';
import { Loading } from '../../parts/Loading';
import { PageTitle } from '../../parts/PageTitle';
import { ProblemView } from '../../parts/ProblemView';
import { useTokens } from '../../parts/tokens';
import { Button, Card, CardBody } from '../../patternfly';
import { say } from '../../words/language';
import { byOf, type Choice, scopeOf } from './choice';
import { Figures } from './ReportFigures';
import { Filters } from './Filters';
import { Groups } from './Groups';
import { Heat } from './Heat';
import { Lengths } from './Lengths';
import { exportQuery } from './links';
import { purseOf } from './measures';
import { rangeTitle } from './names';
import { OverTime } from './OverTime';
import { before, dayIn } from './period';
import { Reasons } from './Reasons';
import type { Report } from './types';
import { Uptime } from './Uptime';
import { useChoice } from './useChoice';
import { useLightPrint } from './useLightPrint';
import { WORDS } from './words';
import './reports.css';

/** What sessions come to over days: energy, money, how busy, and what went wrong. */
export default function Reports() {
  const words = say(WORDS);
  const [choice, change] = useChoice();
  useLightPrint();
  const by = byOf(choice);
  const { data, error, isPlaceholderData, refetch } = useRead<Report>('/reports/overview', { ...scopeOf(choice), by }, { keepsLast: true });
  return (
    <>
      <PageTitle hint={data && words.zone(data.zone)} actions={<Actions choice={choice} report={data} />}>
        {words.title}
        {data && `: ${rangeTitle(choice.kind, { first: data.first_day, last: data.last_day })}`}
      </PageTitle>
      <Card className="console-reports-unprinted">
        <CardBody>
          <Filters choice={choice} report={data} onChange={change} />
        </CardBody>
      </Card>
      {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <div className="console-column console-reports-shown" aria-busy={isPlaceholderData}>
          <Shown choice={choice} report={data} onChange={change} />
        </div>
      )}
    </>
  );
}

function Actions({ choice, report }: { choice: Choice; report: Report | undefined }) {
  return (
    <div className="console-reports-actions console-reports-unprinted">
      {report && <Exports query={exportQuery(choice, report)} label={say(WORDS).downloads} />}
      <Button variant="secondary" icon={<PrintIcon />} onClick={() => window.print()}>
        {say(WORDS).print}
      </Button>
    </div>
  );
}

interface ShownProps {
  choice: Choice;
  report: Report;
  onChange: (changes: Partial<Choice>) => void;
}

function Shown({ choice, report, onChange }: ShownProps) {
  const purse = purseOf(report.total, choice.token, useTokens());
  const range = { first: report.first_day, last: report.last_day };
  const compared = choice.compares ? before(choice.kind, range, dayIn(report.zone, new Date())) : null;
  const query = { ...scopeOf(choice, compared), by: report.by };
  const { data: then, error } = useRead<Report>(compared && '/reports/overview', query, { keepsLast: true });
  const earlier = compared ? then : undefined;
  const hasSessions = report.total.sessions + report.total.private > 0;
  const parts = { choice, report, purse, earlier, onChange };
  return (
    <>
      {error && <ProblemView problem={error} />}
      {hasSessions ? <Figures {...parts} /> : <Empty />}
      {hasSessions && <OverTime {...parts} />}
      <Groups {...parts} />
      {hasSessions && <Heat {...parts} />}
      {hasSessions && (
        <div className="console-reports-pair">
          <Lengths report={report} />
          <Reasons choice={choice} report={report} />
        </div>
      )}
      <Uptime choice={choice} report={report} />
    </>
  );
}

function Empty() {
  const words = say(WORDS);
  return (
    <Card>
      <CardBody>
        <EmptyView icon={ChartBarIcon} title={words.empty}>
          <p>{words.emptyAdvice}</p>
          <p>
            <Link href="/reports">{words.toRecent}</Link>
          </p>
          <p>
            <Link href="/">{words.running}</Link>
          </p>
        </EmptyView>
      </CardBody>
    </Card>
  );
}
