import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { SessionStore } from '../src/noroam';

/** Keeps sessions in one file of JSON: session id -> state. */
export function fileStore(path: string): SessionStore {
  const read = (): Record<string, unknown> =>
    existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : {};
  const write = (all: Record<string, unknown>) => {
    writeFileSync(`${path}.new`, JSON.stringify(all));
    renameSync(`${path}.new`, path);
  };
  return {
    async save(sessionId, state) {
      write({ ...read(), [sessionId]: state });
    },
    async all() {
      return Object.entries(read()).map(([sessionId, state]) => ({ sessionId, state }));
    },
    async remove(sessionId) {
      const { [sessionId]: _, ...rest } = read();
      write(rest);
    },
  };
}
