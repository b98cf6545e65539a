/// <reference lib="webworker" />
/** Keeps the page's own files, so that the app opens without a network. Nothing else is touched. */

const worker = self as unknown as ServiceWorkerGlobalScope;
const FILES: string[] = JSON.parse('__SHELL_FILES__');
const SHELL = 'noroam-shell-__SHELL_VERSION__';
const CONFIG = '/config.json';
/** Tells the page that it sees the settings of an earlier time. */
const KEPT = 'x-noroam-kept';

worker.addEventListener('install', (event) => {
  event.waitUntil(keepShell());
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(dropOlder());
});

worker.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== worker.location.origin) return;
  if (url.pathname === CONFIG) event.respondWith(newestFirst(event.request));
  else if (event.request.mode === 'navigate') event.respondWith(kept('/'));
  else event.respondWith(kept(event.request));
});

async function keepShell(): Promise<void> {
  const cache = await caches.open(SHELL);
  await cache.addAll(FILES.map((path) => new Request(path, { cache: 'reload' })));
  await worker.skipWaiting();
}

async function dropOlder(): Promise<void> {
  for (const name of await caches.keys()) if (name !== SHELL) await caches.delete(name);
  await worker.clients.claim();
}

async function kept(request: Request | string): Promise<Response> {
  const cache = await caches.open(SHELL);
  return (await cache.match(request)) ?? fetch(request);
}

async function newestFirst(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(CONFIG, answer.clone());
    return answer;
  } catch (error) {
    const before = await cache.match(CONFIG);
    if (before) return new Response(before.body, { headers: { ...Object.fromEntries(before.headers), [KEPT]: '1' } });
    throw error;
  }
}

export {};
