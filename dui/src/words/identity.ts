import type { Tone } from './phases';

interface IdentityWords {
  readonly label: string;
  readonly tone: Tone;
  readonly advice?: string;
}

const STATES: Record<string, IdentityWords> = {
  published: { label: 'Published', tone: 'success' },
  not_onboarded: {
    label: 'Not onboarded',
    tone: 'warning',
    advice: 'Add the issuing authority’s credential with `noroam charge-point set`; until then no quotes are given.',
  },
  chain_unavailable: {
    label: 'Not checked',
    tone: 'warning',
    advice: 'The chain does not answer, so the published document could not be compared.',
  },
};

/** How far the station's onboarding got, and what to do next where it is stuck. */
export function identityWords(state: string, reason: string | null): IdentityWords {
  const words = STATES[state] ?? { label: state.replaceAll('_', ' '), tone: 'info' as const };
  if (words.tone === 'success' || !reason) return words;
  return { ...words, advice: [words.advice, `Reason: ${reason.replaceAll('_', ' ')}.`].filter(Boolean).join(' ') };
}
