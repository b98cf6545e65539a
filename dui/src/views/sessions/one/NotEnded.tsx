import { HistoryIcon } from '@patternfly/react-icons';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { path } from '../../../http/client';
import { EmptyView } from '../../../parts/EmptyView';
import { PageTitle } from '../../../parts/PageTitle';
import { useStation } from '../../../shell/live';
import { say } from '../../../words/language';
import { isRunning } from '../../../words/phases';
import { WORDS as SESSIONS } from '../words';
import { WORDS } from './words';

interface NotEndedProps {
  chargePointId: string;
  sessionId: string;
  /** Called when it stopped being one that runs or waits. */
  onEnded: () => void;
}

/** A session of which there is no record: it runs, it waits for its payout, or there is none. */
export function NotEnded({ chargePointId, sessionId, onEnded }: NotEndedProps) {
  const words = say(WORDS);
  const station = useStation(chargePointId);
  const running = Object.values(station?.sessions ?? {}).find((each) => each.session_id === sessionId && isRunning(each.phase));
  const isWaiting = station?.disputes.some((each) => each.session_id === sessionId) ?? false;
  const isLive = Boolean(running) || isWaiting;
  const wasLive = useRef(isLive);
  useEffect(() => {
    if (wasLive.current && !isLive) onEnded();
    wasLive.current = isLive;
  }, [isLive, onEnded]);
  const [title, advice] = running
    ? [words.runs, words.runsAdvice]
    : isWaiting
      ? [words.waits, words.waitsAdvice]
      : [words.notThere, words.notThereAdvice];
  return (
    <>
      <PageTitle above={{ href: '/sessions', name: say(SESSIONS).title }}>{chargePointId}</PageTitle>
      <EmptyView icon={HistoryIcon} title={title}>
        <p>{advice}</p>
        {running && <Link href={path`/charge-points/${chargePointId}`}>{words.watch}</Link>}
        {isWaiting && <Link href="/disputes">{words.decide}</Link>}
        {!isLive && <Link href="/sessions">{words.toList}</Link>}
      </EmptyView>
    </>
  );
}
