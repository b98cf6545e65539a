import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import preact from '@preact/preset-vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Writes into the service worker which files make up the shell, and what version of it they are. */
function shell(): Plugin {
  return {
    name: 'noroam-shell',
    apply: 'build',
    generateBundle(_options, bundle) {
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') throw new Error('the service worker is missing');
      const hash = createHash('sha256').update(worker.code);
      const files = ['/'];
      for (const name of readdirSync('public').sort()) {
        if (name === 'config.json') continue;
        files.push(`/${name}`);
        hash.update(readFileSync(`public/${name}`));
      }
      for (const [name, file] of Object.entries(bundle).sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (file === worker) continue;
        if (name !== 'index.html') files.push(`/${name}`);
        hash.update(file.type === 'chunk' ? file.code : file.source);
      }
      worker.code = worker.code
        .replace(/(["'`])__SHELL_FILES__\1/, JSON.stringify(JSON.stringify(files)))
        .replace('__SHELL_VERSION__', hash.digest('hex').slice(0, 16));
    },
  };
}

export default defineConfig({
  plugins: [preact(), shell()],
  build: {
    // The page's policy allows no data: scripts or fonts, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/sw.ts' },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
  },
});
