import { Button } from '../patternfly';
import { say } from '../words/language';
import { WORDS } from './words';

interface MoreButtonProps {
  pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
}

/** Brings the next page of a list, where there is one. */
export function MoreButton({ pages }: MoreButtonProps) {
  if (!pages.hasNextPage) return null;
  return (
    <Button
      variant="secondary"
      isLoading={pages.isFetchingNextPage}
      isDisabled={pages.isFetchingNextPage}
      onClick={() => void pages.fetchNextPage()}
    >
      {say(WORDS).more}
    </Button>
  );
}
