/** The form that registers a charge point: what is wrong in it, and what is sent. Pure. */

import { inSmallestUnit } from '../settings/tariff';

export interface RegistrationDraft {
  readonly id: string;
  readonly name: string;
  readonly connectors: string;
  readonly powerKw: string;
  readonly perKwh: string;
  readonly perSession: string;
  readonly token: string;
  readonly profile: string;
}

export const EMPTY: RegistrationDraft = {
  id: '',
  name: '',
  connectors: '1',
  powerKw: '22',
  perKwh: '',
  perSession: '0',
  token: '',
  profile: '1',
};

export type RegistrationField = keyof RegistrationDraft;

const ID = /^[A-Za-z0-9._-]{1,48}$/;
const MOST_CONNECTORS = 1000;

export function wrongFields(draft: RegistrationDraft, decimals: number): RegistrationField[] {
  const connectors = Number(draft.connectors);
  const checks: [RegistrationField, boolean][] = [
    ['id', ID.test(draft.id)],
    ['connectors', Number.isInteger(connectors) && connectors >= 1 && connectors <= MOST_CONNECTORS],
    ['powerKw', Number(draft.powerKw.replace(',', '.')) > 0],
    ['perKwh', inSmallestUnit(draft.perKwh, decimals) !== null],
    ['perSession', inSmallestUnit(draft.perSession, decimals) !== null],
  ];
  return checks.filter(([, isGood]) => !isGood).map(([field]) => field);
}

/** The body of the request, but for the id. */
export function admissionOf(draft: RegistrationDraft, decimals: number): Record<string, unknown> {
  const perSession = inSmallestUnit(draft.perSession, decimals) ?? '0';
  return {
    name: draft.name.trim(),
    connectors: Number(draft.connectors),
    maximum_power_w: Math.round(Number(draft.powerKw.replace(',', '.')) * 1000),
    tariff: { per_kwh: inSmallestUnit(draft.perKwh, decimals) ?? '0', per_session: perSession },
    security_profile: Number(draft.profile),
    ...(draft.token ? { token: draft.token } : {}),
  };
}

/** Where a gateway listens if nobody says otherwise: on the console's host, at its usual port. */
export function usualGateway(host: string, profile: number): string {
  return `${schemeOf(profile)}://${host}:${profile >= 2 ? 9443 : 9000}`;
}

/** A gateway's address as it was typed, with the scheme of the security profile; null where it is none. */
export function gatewayOf(typed: string, profile: number): string | null {
  const plain = typed.trim().replace(/^\w+:\/\//, '').replace(/\/+$/, '');
  const url = URL.parse(`${schemeOf(profile)}://${plain}`);
  return plain && url && !url.search && !url.hash && !url.username ? `${schemeOf(profile)}://${plain}` : null;
}

/** What is entered at the charge point (OCPP-J 1.6, 3.1.1). */
export function chargePointUrl(gateway: string, id: string): string {
  return `${gateway}/${encodeURIComponent(id)}`;
}

function schemeOf(profile: number): 'ws' | 'wss' {
  return profile >= 2 ? 'wss' : 'ws';
}
