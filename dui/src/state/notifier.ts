/** Runs something soon, once, however often it is asked: in a page, at the next animation frame. */
export type Schedule = (run: () => void) => void;

export const onNextFrame: Schedule = (run) => {
  // A hidden tab gets no frames; its state must not lag behind for ever.
  if (document.hidden) setTimeout(run, 250);
  else requestAnimationFrame(run);
};

/** Tells listeners that something changed, at most once per `schedule`. */
export class Notifier {
  #listeners = new Set<() => void>();
  #scheduled = false;
  readonly #schedule: Schedule;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
