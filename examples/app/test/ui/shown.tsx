import { render } from 'preact';
import { act } from 'preact/test-utils';
import { Model } from '../../src/ui/model';
import type { SessionRecord } from '../../src/ui/keep';
import type { Settings } from '../../src/ui/settings';
import { App } from '../../src/ui/views/App';
import { aStation, aView, type FakeApp, fakeBackend, memoryKeep } from './fakeApp';

interface Setup {
  settings?: Settings;
  records?: SessionRecord[];
  balance?: bigint;
}

/** Show the whole app over a scripted library, at an address. */
export async function show(app: FakeApp, hash: string, setup: Setup = {}): Promise<Model> {
  document.body.innerHTML = '<div id="root"></div>';
  location.hash = hash;
  const root = document.getElementById('root')!;
  const model = new Model(fakeBackend(app, setup.settings, setup.balance), memoryKeep(setup.records));
  await act(() => render(<App model={model} onTake={() => {}} />, root));
  await act(() => model.open());
  await rest();
  return model;
}

/** Let everything that was begun come to rest. */
export async function rest(): Promise<void> {
  await act(() => new Promise<void>((resolve) => setTimeout(resolve, 20)));
}

export async function press(name: string): Promise<void> {
  const found = [...document.querySelectorAll<HTMLElement>('button, a')].find(
    (one) => (one.getAttribute('aria-label') ?? one.textContent ?? '').trim().startsWith(name),
  );
  if (!found) throw new Error(`nothing to press is called ${name}: ${text()}`);
  if (found instanceof HTMLAnchorElement) location.hash = new URL(found.href).hash;
  else await act(() => found.click());
  await rest();
}

export async function type(selector: string, value: string): Promise<void> {
  const field = document.querySelector<HTMLInputElement>(selector)!;
  await act(() => {
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

export function text(): string {
  return document.body.textContent ?? '';
}

export function figure(name: string): string {
  return document.querySelector(`[data-figure=${name}]`)?.textContent ?? '';
}

export function aRecord(change: Partial<SessionRecord> = {}): SessionRecord {
  return {
    sessionId: '0x01', startedAt: new Date(), view: aView(), ended: false,
    station: aStation(), refundOpensAt: new Date('2030-01-01T12:00:00Z'), ...change,
  };
}
