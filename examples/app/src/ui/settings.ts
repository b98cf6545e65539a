/** What the app is set up with: `/config.json` beside the page, and what the driver changed of it. */
import type { AppConfig } from '../noroam/types';
import { words } from './words';

export interface Settings extends AppConfig {
  /** 32 bytes as hex: a key for tests, kept in clear. */
  testWalletKey?: string;
}

export const EMPTY: Settings = { chainUrl: '', chainId: 0, authorities: [], bootstrap: [] };

/** The settings form, as typed. */
export interface Typed {
  chainUrl: string;
  chainId: string;
  authorities: string;
  bootstrap: string;
  testWalletKey: string;
}

export function typedOf(settings: Settings): Typed {
  return {
    chainUrl: settings.chainUrl,
    chainId: settings.chainId ? String(settings.chainId) : '',
    authorities: settings.authorities.join('\n'),
    bootstrap: settings.bootstrap.join('\n'),
    testWalletKey: settings.testWalletKey ?? '',
  };
}

/** Give the settings that were typed, over `before`; or a sentence for each field that is wrong. */
export function readTyped(typed: Typed, before: Settings): Settings | Partial<Typed> {
  const authorities = lines(typed.authorities);
  const bootstrap = lines(typed.bootstrap);
  const key = typed.testWalletKey.trim();
  const wrong: Partial<Typed> = {};
  if (!isHttp(typed.chainUrl.trim())) wrong.chainUrl = words.settings.badUrl;
  if (!/^[1-9]\d{0,14}$/.test(typed.chainId.trim())) wrong.chainId = words.settings.badChainId;
  const authority = authorities.find((line) => !DID.test(line));
  if (authority) wrong.authorities = words.settings.badAuthority(authority);
  const server = bootstrap.find((line) => !line.startsWith('/'));
  if (server) wrong.bootstrap = words.settings.badBootstrap(server);
  if (key && !KEY.test(key)) wrong.testWalletKey = words.settings.badKey;
  if (Object.keys(wrong).length > 0) return wrong;
  return {
    ...before,
    chainUrl: typed.chainUrl.trim(),
    chainId: Number(typed.chainId),
    authorities,
    bootstrap,
    testWalletKey: key ? (key.startsWith('0x') ? key : `0x${key}`) : undefined,
  };
}

export function areSettings(read: Settings | Partial<Typed>): read is Settings {
  return Array.isArray(read.authorities);
}

/** Enough to look at a station: a node to ask, and somebody who vouches. */
export function isSetUp(settings: Settings): boolean {
  return settings.chainUrl !== '' && settings.chainId > 0 && settings.authorities.length > 0;
}

/** The defaults, and whether they came over the network just now. */
export interface Served {
  settings: Settings;
  online: boolean;
}

/** Read the defaults that are served beside the page; without a network those of the last time. */
export async function servedSettings(): Promise<Served> {
  try {
    const answer = await fetch('/config.json', { cache: 'no-cache' });
    const online = !answer.headers.has('x-noroam-kept');
    if (!answer.ok) return { settings: EMPTY, online };
    return { settings: { ...EMPTY, ...((await answer.json()) as Partial<Settings>) }, online };
  } catch (error) {
    if (error instanceof TypeError) return { settings: EMPTY, online: false };
    if (error instanceof SyntaxError) return { settings: EMPTY, online: true };
    throw error;
  }
}

/** A fresh key for tests, from the browser's random source. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

const DID = /^did:ethr:0x[0-9a-f]+:0x[0-9a-fA-F]{40}$/;
const KEY = /^(0x)?[0-9a-fA-F]{64}$/;

function isHttp(text: string): boolean {
  return /^https?:\/\/[^\s/]+/.test(text) && URL.canParse(text);
}

function lines(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter(Boolean);
}
