/** What the page itself keeps in IndexedDB: settings, and a record of each session. */
import type { SessionView, Station } from '../noroam/types';
import type { Settings } from './settings';

/** A session as the page shows it when the library no longer has it. */
export interface SessionRecord {
  sessionId: string;
  station: Station;
  startedAt: Date;
  refundOpensAt: Date;
  view: SessionView;
  /** Whether it is over for the library, too: nothing more comes, and nothing is left to take back. */
  ended: boolean;
}

export interface Keep {
  settings(): Promise<Settings | undefined>;
  saveSettings(settings: Settings | undefined): Promise<void>;
  records(): Promise<SessionRecord[]>;
  saveRecord(record: SessionRecord): Promise<void>;
  removeRecord(sessionId: string): Promise<void>;
}

const SETTINGS = 'settings';
const RECORDS = 'records';

/** Open the page's database. Dates and amounts are kept as they are: IndexedDB clones both. */
export async function openKeep(name = 'noroam-page'): Promise<Keep> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(SETTINGS);
    opening.result.createObjectStore(RECORDS, { keyPath: 'sessionId' });
  };
  const database = await done(opening);
  const read = (store: string) => database.transaction(store).objectStore(store);
  const write = (store: string, change: (store: IDBObjectStore) => void) =>
    new Promise<void>((resolve, reject) => {
      const transaction = database.transaction(store, 'readwrite', { durability: 'strict' });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      change(transaction.objectStore(store));
    });
  return {
    settings: () => done<Settings | undefined>(read(SETTINGS).get(SETTINGS)),
    saveSettings: (settings) =>
      write(SETTINGS, (store) => {
        if (settings) store.put(settings, SETTINGS);
        else store.delete(SETTINGS);
      }),
    records: () => done<SessionRecord[]>(read(RECORDS).getAll()),
    saveRecord: (record) => write(RECORDS, (store) => store.put(record)),
    removeRecord: (sessionId) => write(RECORDS, (store) => store.delete(sessionId)),
  };
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
