/** The views of the console: where each is, what it is called, and the chunk that it is loaded from. */

import {
  BalanceScaleIcon,
  ChartBarIcon,
  ChargingStationIcon,
  CogIcon,
  CubesIcon,
  HistoryIcon,
  IdCardIcon,
  ListIcon,
  TachometerAltIcon,
} from '@patternfly/react-icons';
import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import type { ShellWords } from './words';

export interface View {
  /** Its address; what begins with it belongs to it, too. */
  readonly path: string;
  readonly name: keyof ShellWords['views'];
  readonly icon: ComponentType;
  readonly page: LazyExoticComponent<ComponentType>;
}

/** Each view's default export is its page; pages below it are its own matter (`useRoute`, `Switch`). */
export const VIEWS: readonly View[] = [
  { path: '/', name: 'overview', icon: TachometerAltIcon, page: lazy(() => import('../views/overview/Overview')) },
  {
    path: '/charge-points',
    name: 'chargePoints',
    icon: ChargingStationIcon,
    page: lazy(() => import('../views/charge-points/ChargePoints')),
  },
  { path: '/sessions', name: 'sessions', icon: HistoryIcon, page: lazy(() => import('../views/sessions/Sessions')) },
  { path: '/disputes', name: 'disputes', icon: BalanceScaleIcon, page: lazy(() => import('../views/disputes/Disputes')) },
  { path: '/reports', name: 'reports', icon: ChartBarIcon, page: lazy(() => import('../views/reports/Reports')) },
  { path: '/identity', name: 'identity', icon: IdCardIcon, page: lazy(() => import('../views/identity/Identities')) },
  { path: '/chain', name: 'chain', icon: CubesIcon, page: lazy(() => import('../views/chain/Chain')) },
  { path: '/log', name: 'log', icon: ListIcon, page: lazy(() => import('../views/log/Log')) },
  { path: '/settings', name: 'settings', icon: CogIcon, page: lazy(() => import('../views/settings/Settings')) },
];

/** The view that an address belongs to; null where there is none. */
export function viewAt(location: string): View | null {
  const holds = (view: View) => location === view.path || (view.path !== '/' && location.startsWith(`${view.path}/`));
  return VIEWS.find(holds) ?? null;
}
