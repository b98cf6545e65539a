import { isNative, nativeToken, type Token } from '../format/amount';
import { useRead } from '../http/hooks';
import { say, type Catalogue } from '../words/language';

interface Tokens {
  items: { chain_id: number; token: string; symbol: string; decimals: number }[];
}

const WORDS: Catalogue<{ smallest: string }> = {
  en: { smallest: 'of its smallest unit' },
  de: { smallest: 'der kleinsten Einheit' },
};

/** Says how a token is counted and called; in its smallest unit where this is not known. */
export type FindToken = (chainId: number | null | undefined, token: string | null | undefined) => Token;

/** The tokens that the station takes, by chain and contract. */
export function useTokens(): FindToken {
  const { data } = useRead<Tokens>('/tokens', {}, { every: 300_000 });
  return (chainId, token) => {
    const address = (token ?? '').toLowerCase();
    const known = data?.items.find((item) => item.chain_id === chainId && item.token.toLowerCase() === address);
    if (isNative(token)) {
      const native = nativeToken(chainId);
      const own = data?.items.find((item) => item.chain_id === chainId && isNative(item.token));
      return { decimals: native.decimals, symbol: own?.symbol || native.symbol };
    }
    return known ? { decimals: known.decimals, symbol: known.symbol || 'tokens' } : { decimals: 0, symbol: say(WORDS).smallest };
  };
}

/** Take a token key ("<chain id>:<token>") apart. */
export function tokenOfKey(key: string, find: FindToken): Token {
  const [chain, token] = key.split(':');
  return find(Number(chain), token);
}
