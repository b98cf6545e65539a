/** What a session's phase means for the screens. */
import type { SessionRecord } from './keep';

export type Stage = 'before' | 'charging' | 'ending' | 'ended' | 'stuck';

const ENDING = new Set(['stopping', 'settling', 'executing', 'refunding', 'settled', 'refunded']);

/** Which screen a session is on. `stuck`: only a person, or the refund, gets it further. */
export function stageOf({ view, ended }: SessionRecord): Stage {
  if (ended) return 'ended';
  if (view.disputed || view.phase === 'disputed' || view.phase === 'rejected') return 'stuck';
  if (view.phase === 'charging') return 'charging';
  return ENDING.has(view.phase) ? 'ending' : 'before';
}

/** How many of the four steps of an ending are done. */
export function endingSteps(phase: string): number {
  const steps = ['stopping', 'settling', 'executing', 'settled'];
  const like: Record<string, string> = { refunding: 'executing', refunded: 'settled' };
  return Math.max(0, steps.indexOf(like[phase] ?? phase));
}
