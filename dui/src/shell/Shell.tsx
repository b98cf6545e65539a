import { type KeyboardEvent, Suspense, useEffect, useMemo, useRef, useState } from 'react';
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
  const isMoved = useRef(false);
  const view = viewAt(location);
  const name = view ? words.views[view.name] : words.notFound;
  useEffect(() => {
    document.title = words.title(name);
    setOpen(false);
  }, [words, name, location]);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    // The link that led here may be gone with its view, and the keyboard's place with it.
    if (document.activeElement === document.body && isMoved.current) main.current?.focus({ preventScroll: true });
    isMoved.current = true;
  }, [location]);
  const closeByKey = ({ key }: KeyboardEvent) => {
    if (key !== 'Escape' || !isOpen) return;
    setOpen(false);
    document.querySelector<HTMLElement>('.console-navigation-toggle')?.focus();
  };
  return (
    <LiveContext value={live}>
      <SkipToContent href="#main">{words.skip}</SkipToContent>
      <div className="console-shell" data-navigation={isOpen ? 'open' : 'closed'} onKeyDown={closeByKey}>
        <Header isNavigationOpen={isOpen} onToggleNavigation={() => setOpen(!isOpen)} />
        <Navigation present={view} />
        <main ref={main} id="main" tabIndex={-1} className="console-page" onFocus={() => setOpen(false)}>
          <Troubles />
          <Broken key={view?.path ?? location}>
            <Suspense fallback={<Loading />}>{view ? <view.page /> : <NotFound />}</Suspense>
          </Broken>
        </main>
      </div>
    </LiveContext>
  );
}
