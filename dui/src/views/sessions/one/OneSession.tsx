import { Link } from 'wouter';
import { dayAndTime } from '../../../format/units';
import { path } from '../../../http/client';
import { Loading } from '../../../parts/Loading';
import { PageTitle } from '../../../parts/PageTitle';
import { PrivateMark } from '../../../parts/PrivateMark';
import { ProblemView } from '../../../parts/ProblemView';
import { Card, CardBody } from '../../../patternfly';
import { useMay } from '../../../shell/me';
import { say } from '../../../words/language';
import { OutcomeMark } from '../OutcomeMark';
import { WORDS as SESSIONS } from '../words';
import { Curve } from './Curve';
import { Names } from './Names';
import { NotEnded } from './NotEnded';
import { Price } from './Price';
import { ReceiptPanel } from './ReceiptPanel';
import { Summary } from './Summary';
import { Timeline } from './Timeline';
import { type One, useOne } from './useOne';
import { Who } from './Who';
import { Why } from './Why';
import { WORDS } from './words';

interface OneSessionProps {
  chargePointId: string;
  sessionId: string;
}

/** All that is known of one session that ended. */
export function OneSession({ chargePointId, sessionId }: OneSessionProps) {
  const { one, error, refetch } = useOne(chargePointId, sessionId);
  if (error?.status === 404) return <NotEnded chargePointId={chargePointId} sessionId={sessionId} onEnded={() => void refetch()} />;
  if (one) return <Shown one={one} />;
  return (
    <>
      <PageTitle above={{ href: '/sessions', name: say(SESSIONS).title }}>{chargePointId}</PageTitle>
      {error ? <ProblemView problem={error} onRetry={() => void refetch()} /> : <Loading />}
    </>
  );
}

function Shown({ one }: { one: One }) {
  const words = say(WORDS);
  const isOperator = useMay('operator');
  const { record } = one;
  const { charge_point_id: id, status } = record;
  const isPrivate = status.private ?? false;
  const links = (
    <>
      {words.endedAt(dayAndTime(record.ended_at))} · <Link href={path`/charge-points/${id}`}>{words.chargePoint}</Link> ·{' '}
      <Link href={path`/charge-points/${id}/messages`}>{words.messages}</Link>
    </>
  );
  const marks = isPrivate ? (
    <PrivateMark />
  ) : (
    <OutcomeMark outcome={record.outcome} isPrivate={false} failure={status.failure} flags={status.flags} />
  );
  return (
    <>
      <PageTitle above={{ href: '/sessions', name: say(SESSIONS).title }} hint={links} actions={marks}>
        {say(SESSIONS).place(id, record.connector_id)}
      </PageTitle>
      <Card>
        <CardBody className="console-sessions-summary">
          <Summary one={one} />
        </CardBody>
      </Card>
      <div className="console-sessions-columns">
        <div className="console-column">
          <Why record={record} />
          <Curve readings={record.readings} />
          <Price one={one} />
        </div>
        <div className="console-column">
          <Timeline record={record} />
          {isOperator && <Who record={record} />}
          <ReceiptPanel one={one} />
          <Names one={one} />
        </div>
      </div>
    </>
  );
}
