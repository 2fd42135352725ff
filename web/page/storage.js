// What the browser keeps for the page: for all its tabs, or for a tab whose person is another one than theirs.
const OWN = "parley:own";
const UNREADABLE = "parley:unreadable:";

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

/** One of the browser's, or where it denies that, what lives as long as the page. */
function storageOf(kind) {
  try {
    return globalThis[kind] ?? new Passing();
  } catch {
    return new Passing();
  }
}

/** Shared by all tabs. */
export const storage = storageOf("localStorage");
const tab = storageOf("sessionStorage");

/** Whether this tab has a person of its own. */
export function isOwn() {
  return tab.getItem(OWN) !== null;
}

/** From now on this tab has a person of its own, until it is closed. */
export function becomeOwn() {
  tab.setItem(OWN, "yes");
}

/** Where what this tab's person writes is kept: with the tab, where the person is its own. */
export function personal() {
  return isOwn() ? tab : storage;
}

/** What is kept under a name as JSON, null where nothing is. What is not sound is set aside, under a name of its own. */
export function readKept(kept, name, isSound) {
  const text = kept.getItem(name);
  if (text === null) return null;
  try {
    const found = JSON.parse(text);
    if (isSound(found)) return found;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  console.warn(`What was kept as ${name} can't be read. It is now ${UNREADABLE}${name}.`);
  kept.setItem(UNREADABLE + name, text);
  kept.removeItem(name);
  return null;
}
