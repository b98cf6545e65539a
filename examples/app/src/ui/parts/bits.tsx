import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { words } from '../words';
import { accountOf, ends } from '../format';
import type { Trouble } from '../trouble';
import { Icon, type IconName } from './Icon';

export type Tone = 'calm' | 'good' | 'warn' | 'bad';

export function Card({ title, children }: { title?: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={title ? id : undefined}>
      {title && (
        <h2 class="card-title" id={id}>
          {title}
        </h2>
      )}
      {children}
    </section>
  );
}

/** Names and what they are. */
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

export function Fact({ name, children, figure }: { name: string; children: ComponentChildren; figure?: string }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd data-figure={figure}>{children}</dd>
    </div>
  );
}

export function Chip({ tone = 'calm', icon, children }: { tone?: Tone; icon?: IconName; children: ComponentChildren }) {
  return (
    <span class={`chip chip-${tone}`}>
      {icon && <Icon name={icon} size={16} />}
      {children}
    </span>
  );
}

interface NoticeProps {
  tone: Tone;
  icon: IconName;
  title: string;
  children?: ComponentChildren;
  alert?: boolean;
}

export function Notice({ tone, icon, title, children, alert }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`} role={alert ? 'alert' : 'status'}>
      <Icon name={icon} />
      <div class="notice-text">
        <strong>{title}</strong>
        {children}
      </div>
    </div>
  );
}

/** What went wrong and what to do about it, in two sentences. */
export function TroubleNotice({ trouble, onRetry }: { trouble: Trouble; onRetry?: () => void }) {
  const advice = onRetry && trouble.advice === words.advice('retry') ? '' : trouble.advice;
  return (
    <>
      <Notice tone={trouble.doNotPay ? 'bad' : 'warn'} icon="warning" title={trouble.text} alert>
        {advice && <p>{advice}</p>}
        {trouble.detail && <p class="hint">{trouble.detail}</p>}
      </Notice>
      {onRetry && (
        <button type="button" class="button" onClick={onRetry}>
          {words.retry}
        </button>
      )}
    </>
  );
}

/** Something long, shortened to its ends; the whole of it goes to the clipboard. */
export function Copyable({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <button type="button" class="copyable" onClick={copy} title={text}>
      <span class="mono">{ends(accountOf(text))}</span>
      <Icon name={copied ? 'check' : 'copy'} size={16} />
      <span class="unseen" aria-live="polite">{copied ? words.copied : words.copy}</span>
    </button>
  );
}

interface SheetProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

/** A question at the lower edge, over everything else. Escape and the backdrop close it. */
export function Sheet({ title, open, onClose, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    if (open && shown && !shown.open) shown.showModal();
    if (!open && shown?.open) shown.close();
  }, [open]);
  const outside = (event: MouseEvent) => {
    if (event.target === dialog.current) onClose();
  };
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby={id} onClose={onClose} onClick={outside}>
      <div class="sheet-inside">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

export function Busy({ children }: { children: ComponentChildren }) {
  return (
    <p class="busy" role="status">
      <span class="spinner" aria-hidden="true" />
      {children}
    </p>
  );
}
