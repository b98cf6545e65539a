import type { ConsoleState } from '../../state/consoleStore';

/** A charge point's identity as the list shows it. */
export interface ListedIdentity {
  readonly id: string;
  readonly name: string | null;
  readonly did: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly balance: string | null;
  readonly updatedAt: string | null;
}

export interface Choice {
  readonly text: string;
  readonly state: string;
}

/** The identities that are wanted, in the order of their charge points; `all` counts the others, too. */
export function chosenIdentities(state: Pick<ConsoleState, 'ids' | 'stations'>, choice: Choice): ListedIdentity[] {
  const text = choice.text.trim().toLowerCase();
  return state.ids
    .flatMap((id) => state.stations[id] ?? [])
    .map(({ id, status, identity }) => ({
      id,
      name: status?.name ?? null,
      did: identity?.did ?? null,
      state: identity?.state || 'checking',
      reason: identity?.reason ?? null,
      balance: identity?.balance ?? null,
      updatedAt: identity?.updated_at ?? null,
    }))
    .filter((listed) => !choice.state || listed.state === choice.state)
    .filter(({ id, name, did }) => [id, name, did].some((part) => part?.toLowerCase().includes(text)));
}
