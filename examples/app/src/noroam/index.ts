export { createApp } from './app';
export { indexedDbStore, memoryStore } from './store';
export { localTestWallet } from './wallet';
export * from './types';
