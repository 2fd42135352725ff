// The browser's storage: shared by all tabs, or of one tab that has a viewer of its own.
const OWN = "parley:own";
const UNREADABLE = "parley:unreadable:";

class MemoryStorage extends Map {
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

/** The browser's storage; if it denies access, a substitute that lives as long as the page. */
function storageOf(kind) {
  try {
    return globalThis[kind] ?? new MemoryStorage();
  } catch {
    return new MemoryStorage();
  }
}

/** Shared by all tabs. */
export const storage = storageOf("localStorage");
const tab = storageOf("sessionStorage");

/** Whether this tab has a viewer of its own. */
export function tabHasOwnViewer() {
  return tab.getItem(OWN) !== null;
}

/** Gives this tab a viewer of its own, until it is closed. */
export function separateTab() {
  tab.setItem(OWN, "yes");
}

/** The storage for what the viewer of this tab writes. */
export function viewerStorage() {
  return tabHasOwnViewer() ? tab : storage;
}

/** Reads JSON from a storage; null if there is none. A value that is not valid is moved to another name and reported. */
export function readJson(kept, name, isValid) {
  const text = kept.getItem(name);
  if (text === null) return null;
  try {
    const found = JSON.parse(text);
    if (isValid(found)) return found;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  console.warn(`The stored value ${name} can't be read. It was moved to ${UNREADABLE}${name}.`);
  kept.setItem(UNREADABLE + name, text);
  kept.removeItem(name);
  return null;
}
