import { type Catalogue, say } from './language';
import type { Tone } from './phases';

export interface IdentityWords {
  readonly label: string;
  readonly tone: Tone;
  readonly advice?: string;
}

type Texts = Readonly<Record<string, { label: string; advice?: string }>>;

const TONES: Readonly<Record<string, Tone>> = {
  checking: 'info',
  published: 'success',
  not_onboarded: 'warning',
  not_published: 'warning',
  chain_unavailable: 'warning',
};

/** All states of an identity. */
export const IDENTITY_STATES = Object.keys(TONES);

const STATES: Catalogue<Texts> = {
  en: {
    checking: { label: 'Being checked', advice: 'The Session Manager has not looked at it yet.' },
    published: { label: 'Published' },
    not_onboarded: {
      label: 'Not onboarded',
      advice: 'Until an authority’s credential is there, apps do not trust the station and no quotes are given.',
    },
    not_published: { label: 'Not published', advice: 'The chain does not say yet what it should. Publish it again.' },
    chain_unavailable: { label: 'Not checked', advice: 'The chain does not answer, so it could not be compared.' },
  },
  de: {
    checking: { label: 'Wird geprüft', advice: 'Der Session Manager hat sie noch nicht angesehen.' },
    published: { label: 'Veröffentlicht' },
    not_onboarded: {
      label: 'Nicht zugelassen',
      advice: 'Ohne Nachweis einer Zulassungsstelle vertrauen Apps der Station nicht, und es gibt keine Angebote.',
    },
    not_published: {
      label: 'Nicht veröffentlicht',
      advice: 'Auf der Blockchain steht noch nicht, was dort stehen soll. Veröffentlichen Sie es erneut.',
    },
    chain_unavailable: {
      label: 'Nicht geprüft',
      advice: 'Die Blockchain antwortet nicht; der Stand konnte nicht verglichen werden.',
    },
  },
};

const REASONS: Catalogue<Readonly<Record<string, string>>> = {
  en: {
    no_manager: 'No Session Manager drives this charge point at the moment.',
    chain_unavailable: 'The chain does not answer.',
    wrong_chain: 'The node belongs to another chain; check CHAIN_URLS and CHAIN_ID.',
    no_registry: 'The chain has no DID registry at the address that is set.',
    no_credential: 'It has no credential yet. Add one with `noroam charge-point set`.',
    no_p2p_server: 'No P2P server announced itself; is it running?',
    no_key: 'The key of its account is not on this machine.',
    not_owner: 'Its account does not own the DID any more.',
    other_did: 'The charge point has another DID.',
    already_deactivated: 'The DID was given up before.',
    did_deactivated: 'The DID was given up.',
    did_unresolvable: 'The DID could not be looked up.',
    did_malformed: 'The DID is malformed.',
    not_onboarded: 'The document has no credential of an authority.',
    document_unreadable: 'The document on the chain cannot be read.',
    peer_id_mismatch: 'The addresses in the document belong to another P2P server.',
    credential_invalid: 'The credential is not valid.',
    credential_unreadable: 'The credential cannot be read.',
    untrusted_authority: 'The credential comes from an authority that is not trusted here.',
    credential_signature: 'The credential’s signature is wrong.',
    wrong_subject: 'The credential is for another station.',
    credential_expired: 'The credential has expired; ask the authority for a new one.',
    credential_revoked: 'The authority has revoked the credential.',
    keys_mismatch: 'The credential names other keys than the P2P server has.',
    misconfigured: 'Something is set up wrongly.',
    reverted: 'The chain refused the transaction.',
    gas_account_low: 'The gas account is too low; send it funds.',
    unavailable: 'Redis or the chain was away meanwhile.',
  },
  de: {
    no_manager: 'Zurzeit steuert kein Session Manager diesen Ladepunkt.',
    chain_unavailable: 'Die Blockchain antwortet nicht.',
    wrong_chain: 'Der Knoten gehört zu einer anderen Blockchain; prüfen Sie CHAIN_URLS und CHAIN_ID.',
    no_registry: 'An der eingestellten Adresse gibt es kein DID-Register.',
    no_credential: 'Es gibt noch keinen Nachweis. Fügen Sie ihn mit `noroam charge-point set` hinzu.',
    no_p2p_server: 'Es hat sich kein P2P-Server gemeldet; läuft er?',
    no_key: 'Der Schlüssel des Kontos liegt nicht auf diesem Rechner.',
    not_owner: 'Die DID gehört nicht mehr dem Konto der Station.',
    other_did: 'Der Ladepunkt hat eine andere DID.',
    already_deactivated: 'Die DID wurde bereits aufgegeben.',
    did_deactivated: 'Die DID wurde aufgegeben.',
    did_unresolvable: 'Die DID konnte nicht nachgeschlagen werden.',
    did_malformed: 'Die DID ist fehlerhaft.',
    not_onboarded: 'Im Dokument steht kein Nachweis einer Zulassungsstelle.',
    document_unreadable: 'Das Dokument auf der Blockchain ist nicht lesbar.',
    peer_id_mismatch: 'Die Adressen im Dokument gehören zu einem anderen P2P-Server.',
    credential_invalid: 'Der Nachweis ist ungültig.',
    credential_unreadable: 'Der Nachweis ist nicht lesbar.',
    untrusted_authority: 'Der Nachweis stammt von einer Stelle, der hier nicht vertraut wird.',
    credential_signature: 'Die Unterschrift des Nachweises ist falsch.',
    wrong_subject: 'Der Nachweis gilt für eine andere Station.',
    credential_expired: 'Der Nachweis ist abgelaufen; beantragen Sie einen neuen.',
    credential_revoked: 'Die Zulassungsstelle hat den Nachweis widerrufen.',
    keys_mismatch: 'Der Nachweis nennt andere Schlüssel als die des P2P-Servers.',
    misconfigured: 'Etwas ist falsch eingestellt.',
    reverted: 'Die Blockchain hat die Transaktion abgelehnt.',
    gas_account_low: 'Das Gas-Konto ist fast leer; laden Sie es auf.',
    unavailable: 'Redis oder die Blockchain war zwischenzeitlich nicht erreichbar.',
  },
};

/** Why an identity is not as it should be; a reason that this page does not know by its own name. */
export function identityReason(reason: string): string {
  return say(REASONS)[reason] ?? reason.replaceAll('_', ' ');
}

/** How far the station's onboarding got, and what to do next where it is stuck. */
export function identityWords(state: string, reason: string | null = null): IdentityWords {
  const { label, advice } = say(STATES)[state] ?? { label: state.replaceAll('_', ' ') };
  const tone = TONES[state] ?? 'info';
  if (tone === 'success') return { label, tone };
  return { label, tone, advice: [reason && identityReason(reason), advice].filter(Boolean).join(' ') };
}
