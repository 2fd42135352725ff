/** What others draw from: it says when it has changed. */
export class Changing {
  #listeners = new Set();

  /** How often it has changed, so that a drawing can tell whether it is of today. */
  changes = 0;

  /** Calls `listener` after each change; gives what ends that. */
  watch(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed() {
    this.changes += 1;
    for (const listener of [...this.#listeners]) listener();
  }
}
