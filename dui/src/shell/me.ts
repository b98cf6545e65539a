import { createContext, useContext } from 'react';

export type Role = 'viewer' | 'operator' | 'administrator';

export const ROLES: readonly Role[] = ['viewer', 'operator', 'administrator'];

/** Who is signed in. */
export interface Me {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export const MeContext = createContext<Me | null>(null);

/** Who is signed in; there is somebody wherever a view is shown. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('nobody is signed in');
  return me;
}

/** Whether who is signed in may do what needs this role. */
export function useMay(least: Role): boolean {
  return ROLES.indexOf(useMe().role) >= ROLES.indexOf(least);
}
