import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { words } from '../words';
import { Icon } from './Icon';

interface ScreenProps {
  title: string;
  /** Large: part of what is shown, and not in the bar above; unseen: for screen readers alone. */
  heading?: 'large' | 'unseen';
  back?: string;
  aside?: ComponentChildren;
  /** Stays at the lower edge: the next step. */
  foot?: ComponentChildren;
  children: ComponentChildren;
}

const CLASSES = { large: 'screen-large', unseen: 'unseen', bar: 'screen-title' };

/** One screen: a bar with the way back, the content, and the next step below. */
export function Screen({ title, heading: look, back, aside, foot, children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${words.app}`;
  }, [title]);
  useEffect(() => {
    scrollTo(0, 0);
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);
  const head = (
    <h1 ref={heading} tabIndex={-1} class={CLASSES[look ?? 'bar']}>
      {title}
    </h1>
  );
  return (
    <div class="screen">
      <header class="bar">
        {back ? (
          <a class="icon-button" href={back} aria-label={words.back}>
            <Icon name="back" />
          </a>
        ) : (
          <span class="brand">
            <img src="/favicon.svg" alt="" width="28" height="28" /> {words.app}
          </span>
        )}
        {look !== 'large' && head}
        <span class="bar-aside">{aside}</span>
      </header>
      <main>
        <div class="content">
          {look === 'large' && head}
          {children}
        </div>
        {foot && <div class="foot">{foot}</div>}
      </main>
    </div>
  );
}
