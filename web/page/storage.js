function kept() {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}

class Passing extends Map {
  get length() {
    return this.size;
  }

  key(at) {
    return [...this.keys()][at];
  }

  getItem(name) {
    return this.get(name) ?? null;
  }

  setItem(name, value) {
    this.set(name, value);
  }

  removeItem(name) {
    this.delete(name);
  }
}

/** localStorage, or where a browser denies it, what lives as long as the page. */
export const storage = kept() ?? new Passing();
