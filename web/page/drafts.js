// What is being written, kept per place until it is sent: a reload, a crash or an expired session loses nothing.
import { storage } from "./storage.js";

const PREFIX = "parley:draft:";

/** The draft at a place (as `reply:R_7` or `new`), or null. */
export function draftAt(place) {
  return JSON.parse(storage.getItem(PREFIX + place) ?? "null");
}

/** Keeps a draft; one without words is none. */
export function keepDraft(place, draft) {
  const isEmpty = !draft?.body?.trim() && !draft?.title?.trim();
  if (isEmpty) storage.removeItem(PREFIX + place);
  else storage.setItem(PREFIX + place, JSON.stringify(draft));
}

export function dropDraft(place) {
  storage.removeItem(PREFIX + place);
}
