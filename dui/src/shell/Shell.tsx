import { Suspense, useEffect, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { Loading } from '../parts/Loading';
import { SkipToContent } from '../patternfly';
import { startLive } from './startLive';
import { say } from '../words/language';
import { Broken } from './Broken';
import { Header } from './Header';
import { LiveContext } from './live';
import { Navigation } from './Navigation';
import { NotFound } from './NotFound';
import { Troubles } from './Troubles';
import { viewAt } from './views';
import { WORDS } from './words';

/** The frame around the views: header, navigation, and what concerns all of them. */
export function Shell() {
  const words = say(WORDS);
  const live = useMemo(startLive, []);
  useEffect(() => live.connect(), [live]);
  const [location] = useLocation();
  const [isOpen, setOpen] = useState(false);
  const view = viewAt(location);
  const name = view ? words.views[view.name] : words.notFound;
  useEffect(() => {
    document.title = words.title(name);
    setOpen(false);
  }, [words, name, location]);
  return (
    <LiveContext value={live}>
      <SkipToContent href="#main">{words.skip}</SkipToContent>
      <div className="console-shell" data-navigation={isOpen ? 'open' : 'closed'}>
        <Header isNavigationOpen={isOpen} onToggleNavigation={() => setOpen(!isOpen)} />
        <Navigation present={view} />
        <main id="main" tabIndex={-1} className="console-page">
          <Troubles />
          <Broken key={view?.path ?? location}>
            <Suspense fallback={<Loading />}>{view ? <view.page /> : <NotFound />}</Suspense>
          </Broken>
        </main>
      </div>
    </LiveContext>
  );
}
