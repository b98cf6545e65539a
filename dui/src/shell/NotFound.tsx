import { SearchIcon } from '@patternfly/react-icons';
import { Link } from 'wouter';
import { EmptyView } from '../parts/EmptyView';
import { say } from '../words/language';
import { WORDS } from './words';

export function NotFound() {
  const words = say(WORDS);
  return (
    <EmptyView icon={SearchIcon} title={words.notFound} level="h1">
      {words.notFoundAdvice} <Link href="/">{words.toOverview}</Link>
    </EmptyView>
  );
}
