import { render } from 'preact';
import { openKeep } from './ui/keep';
import { type Backend, Model } from './ui/model';
import { servedSettings } from './ui/settings';
import './ui/style/base.css';
import './ui/style/parts.css';
import './ui/style/screens.css';
import { takeTab } from './ui/tab';
import { App } from './ui/views/App';

/** The library comes after the first screen: it is most of what there is to load. */
const library = import('./noroam');

const backend: Backend = {
  async createApp(settings) {
    const { createApp, indexedDbStore } = await library;
    return createApp(settings, indexedDbStore());
  },
  async wallet({ chainUrl, chainId, testWalletKey }) {
    const { localTestWallet } = await library;
    return testWalletKey ? localTestWallet(chainUrl, chainId, testWalletKey) : undefined;
  },
  servedSettings,
};

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
const model = new Model(backend, await openKeep());
render(<App model={model} onTake={() => void run(true)} />, root);

/** Open here, unless another tab is the one that signs. */
async function run(steal: boolean): Promise<void> {
  const ours = await takeTab(steal, () => void model.yield());
  if (ours) await model.open();
  else await model.yield();
}

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  await navigator.serviceWorker.register('/sw.js');
}
await run(false);
