import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { compressed } from './vite/compressed.ts';
import { wornIcons, wornStyles } from './vite/worn.ts';

/** Where the console's backend listens while the page is developed with `npm run dev`. */
const backend = 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), wornIcons(), compressed()],
  css: { postcss: { plugins: [wornStyles] } },
  build: {
    outDir: 'static',
    emptyOutDir: true,
    // The page's policy allows no data: fonts, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The console's first script has 115 kB gzipped, half of it React's. Swagger UI's is a file of its own.
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: ['index.html', 'api.html'] },
  },
  server: { proxy: { '/socket.io': { target: backend, ws: true }, '/api/v1': backend } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
});
