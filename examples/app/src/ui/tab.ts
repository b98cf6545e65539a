/** Only one tab signs: two would use the same session keys, and count nonces past each other. */

const LOCK = 'noroam-sessions';

/** Take the lock, from another tab if need be; `lost` is called when another one took it. */
export async function takeTab(steal: boolean, lost: () => void): Promise<boolean> {
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return true;
  return new Promise((resolve) => {
    const options = steal ? { steal } : { ifAvailable: true };
    const held = locks.request(LOCK, options, (lock) => {
      resolve(lock !== null);
      return lock ? new Promise<never>(() => {}) : undefined;
    });
    held.catch(lost);
  });
}
