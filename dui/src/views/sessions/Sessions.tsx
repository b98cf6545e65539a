import { PageTitle } from '../../parts/PageTitle';
import { WORDS as SHELL } from '../../shell/words';
import { say } from '../../words/language';

export default function Sessions() {
  return <PageTitle>{say(SHELL).views.sessions}</PageTitle>;
}
