import type { Choice } from './choice';
import type { Purse } from './measures';
import type { ChangeChoice } from './useChoice';
import type { Report } from './types';

/** What the parts of the view are given. */
export interface PartProps {
  readonly choice: Choice;
  readonly report: Report;
  readonly purse: Purse;
  /** The report of the period before, where it is compared with. */
  readonly earlier: Report | undefined;
  readonly onChange: ChangeChoice;
}
