import { PageTitle } from '../../parts/PageTitle';
import { useLive } from '../../shell/live';
import { WORDS as SHELL } from '../../shell/words';
import { say } from '../../words/language';
import { LogCard } from './LogCard';

/** What all services say, as they say it. */
export default function Log() {
  return (
    <>
      <PageTitle>{say(SHELL).views.log}</PageTitle>
      <LogCard log={useLive().log} />
    </>
  );
}
