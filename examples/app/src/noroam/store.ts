import type { SessionStore } from './types';

/** Keeps sessions for as long as the program runs. */
export function memoryStore(): SessionStore {
  const kept = new Map<string, string>();
  return {
    async save(sessionId, state) {
      kept.set(sessionId, JSON.stringify(state));
    },
    async all() {
      return [...kept].map(([sessionId, text]) => ({
        sessionId,
        state: JSON.parse(text) as unknown,
      }));
    },
    async remove(sessionId) {
      kept.delete(sessionId);
    },
  };
}

const SESSIONS = 'sessions';

/** Keeps sessions in the browser's IndexedDB; on disk when `save` returns. */
export function indexedDbStore(name = 'noroam'): SessionStore {
  const opened = openDatabase(name);

  async function run<T>(
    mode: IDBTransactionMode,
    use: (all: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> {
    const transaction = (await opened).transaction(SESSIONS, mode, { durability: 'strict' });
    const request = use(transaction.objectStore(SESSIONS));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('not saved'));
    });
  }

  return {
    async save(sessionId, state) {
      await run('readwrite', (all) => all.put(JSON.stringify(state), sessionId));
    },
    async all() {
      const ids = await run('readonly', (all) => all.getAllKeys());
      const texts = await run('readonly', (all) => all.getAll() as IDBRequest<string[]>);
      return ids.flatMap((id, index) => {
        const text = texts[index];
        return text ? [{ sessionId: String(id), state: JSON.parse(text) as unknown }] : [];
      });
    },
    async remove(sessionId) {
      await run('readwrite', (all) => all.delete(sessionId));
    },
  };
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(SESSIONS);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no database'));
  });
}
