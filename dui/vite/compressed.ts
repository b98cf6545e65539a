import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(html|js|css|svg)$/;
/** Below this a response is one packet either way. */
const LEAST_BYTES = 1_000;
const WAYS = [
  ['.gz', (content: Buffer) => promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION })],
  ['.br', (content: Buffer) => promisify(brotliCompress)(content)],
] as const;

/** Writes each text beside itself as `.gz` and `.br`, which the console serves to whoever accepts them. */
export function compressed(): Plugin {
  return {
    name: 'noroam:compressed',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const texts = Object.keys(bundle).filter((name) => TEXT.test(name));
      await Promise.all(texts.map((name) => compress(join(dir, name))));
    },
  };
}

async function compress(path: string): Promise<void> {
  const content = await readFile(path);
  if (content.length < LEAST_BYTES) return;
  await Promise.all(WAYS.map(async ([ending, way]) => writeFile(path + ending, await way(content))));
}
