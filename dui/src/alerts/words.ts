import type { Tone } from '../words/phases';
import { type Catalogue, say } from '../words/language';
import type { ActiveAlert } from '../wire/types';

type Said = (alert: ActiveAlert) => { title: string; advice: string };

const en = {
  none: 'No alerts',
  noneAdvice: 'Nothing needs you now.',
  count: (count: number) => (count === 1 ? '1 alert' : `${count} alerts`),
  since: (moment: string) => `since ${moment}`,
  acknowledge: 'Acknowledge',
  acknowledged: (name: string) => `${name} takes care of it`,
  look: 'Look',
  nobodyLooks: 'Nobody looks for alerts at the moment: no Session Manager does. What is shown may be old.',
  sayings: {
    offline: ({ charge_point_id: id }) => ({
      title: `${id} is offline`,
      advice: 'Check its power and network. Running sessions are settled by what was counted.',
    }),
    faulted: ({ charge_point_id: id, connector_id: n, facts }) => ({
      title: n ? `Connector ${n} of ${id} is faulted: ${facts.error_code ?? ''}` : `${id} is faulted: ${facts.error_code ?? ''}`,
      advice: 'Try a restart; if it comes back, it needs somebody on site.',
    }),
    dispute: ({ charge_point_id: id }) => ({
      title: `A payout at ${id} did not go through`,
      advice: 'Decide what happens with the deposit.',
    }),
    low_gas_balance: () => ({ title: 'The gas account is low', advice: 'Send it funds, else payouts stop.' }),
    low_station_balance: ({ charge_point_id: id }) => ({ title: `The account of ${id} is low`, advice: 'Send it funds.' }),
    chain_down: () => ({
      title: 'The chain’s node does not answer',
      advice: 'No session can begin and payouts wait. It is tried again by itself.',
    }),
    webhook_disabled: ({ facts }) => ({
      title: `The webhook ${facts.name ?? ''} was switched off`,
      advice: 'It failed for a long time. Mend its receiver, then switch it on again.',
    }),
  } satisfies Record<string, Said> as Record<ActiveAlert['kind'], Said>,
};

const de: typeof en = {
  none: 'Keine Meldungen',
  noneAdvice: 'Im Moment ist nichts zu tun.',
  count: (count) => (count === 1 ? '1 Meldung' : `${count} Meldungen`),
  since: (moment) => `seit ${moment}`,
  acknowledge: 'Übernehmen',
  acknowledged: (name) => `${name} kümmert sich`,
  look: 'Ansehen',
  nobodyLooks: 'Im Moment sucht kein Session Manager nach Störungen. Die Angaben können veraltet sein.',
  sayings: {
    offline: ({ charge_point_id: id }) => ({
      title: `${id} ist offline`,
      advice: 'Prüfen Sie Strom und Netzwerk. Laufende Vorgänge werden nach dem gezählten Stand abgerechnet.',
    }),
    faulted: ({ charge_point_id: id, connector_id: n, facts }) => ({
      title: n ? `Anschluss ${n} von ${id} ist gestört: ${facts.error_code ?? ''}` : `${id} ist gestört: ${facts.error_code ?? ''}`,
      advice: 'Versuchen Sie einen Neustart; kommt die Störung wieder, muss jemand vor Ort nachsehen.',
    }),
    dispute: ({ charge_point_id: id }) => ({
      title: `Eine Auszahlung bei ${id} ist nicht durchgegangen`,
      advice: 'Entscheiden Sie, was mit dem Guthaben geschieht.',
    }),
    low_gas_balance: () => ({ title: 'Das Gas-Konto ist fast leer', advice: 'Laden Sie es auf, sonst stocken die Auszahlungen.' }),
    low_station_balance: ({ charge_point_id: id }) => ({ title: `Das Konto von ${id} ist fast leer`, advice: 'Laden Sie es auf.' }),
    chain_down: () => ({
      title: 'Der Knoten der Blockchain antwortet nicht',
      advice: 'Es kann kein Vorgang beginnen, Auszahlungen warten. Es wird von selbst erneut versucht.',
    }),
    webhook_disabled: ({ facts }) => ({
      title: `Der Webhook ${facts.name ?? ''} wurde abgeschaltet`,
      advice: 'Er ist lange fehlgeschlagen. Beheben Sie den Fehler beim Empfänger und schalten Sie ihn wieder ein.',
    }),
  },
};

export const WORDS: Catalogue<typeof en> = { en, de };

const TONES: Record<ActiveAlert['severity'], Tone> = { critical: 'danger', warning: 'warning', info: 'info' };

/** What an alert says, what to do about it, and where. */
export function alertWords(alert: ActiveAlert): { title: string; advice: string; tone: Tone; href: string } {
  const saying = say(WORDS).sayings[alert.kind];
  const { title, advice } = saying ? saying(alert) : { title: alert.detail, advice: '' };
  return { title, advice, tone: TONES[alert.severity], href: placeOf(alert) };
}

function placeOf(alert: ActiveAlert): string {
  if (alert.kind === 'dispute') return '/disputes';
  if (alert.kind === 'chain_down' || alert.kind === 'low_gas_balance') return '/chain';
  if (alert.kind === 'webhook_disabled') return '/settings/webhooks';
  if (alert.kind === 'low_station_balance') return `/identity/${encodeURIComponent(alert.charge_point_id ?? '')}`;
  return `/charge-points/${encodeURIComponent(alert.charge_point_id ?? '')}`;
}
