import { useEffect } from 'react';
import { useLive } from '../shell/live';

/** Have a charge point's details (curves, document) sent as long as the component is there. */
export function useWatch(id: string): void {
  const { store } = useLive();
  useEffect(() => store.watch(id), [store, id]);
}
