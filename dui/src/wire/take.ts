import type { ConsoleStore } from '../state/consoleStore';
import type { Told } from './types';

/** Put what was told into the store; a kind that the page does not know is left out. */
export function take(store: ConsoleStore, [kind, object]: Told): void {
  switch (kind) {
    case 'status':
      return store.putStatus(object);
    case 'identity':
      return store.putIdentity(object);
    case 'document':
      return store.putDocument(object);
    case 'disputes':
      return store.putDisputes(object);
    case 'session':
      return store.putSession(object);
    case 'curve':
      return store.putCurve(object);
    case 'chain':
      return store.putChain(object);
    case 'bus':
      return store.putBus(object);
    case 'alerts':
      return store.putAlerts(object);
    case 'gone':
      return store.remove(object.charge_point_id);
    case 'complete':
      return store.complete();
  }
}
