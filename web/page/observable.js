/** State that notifies its subscribers after each change. */
export class Observable {
  #listeners = new Set();

  /** The number of changes so far, as a dependency for effects. */
  revision = 0;

  /** Calls `listener` after each change. Returns a function that ends the subscription. */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify() {
    this.revision += 1;
    for (const listener of [...this.#listeners]) listener();
  }
}
