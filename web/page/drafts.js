// What is being written, kept per place until it is sent: a reload, a crash or an expired session loses nothing.
import { personal, readKept } from "./storage.js";

const PREFIX = "parley:draft:";

/** The draft at a place (as `reply:R_7` or `new`), or null. */
export function draftAt(place) {
  return readKept(personal(), PREFIX + place, (draft) => typeof draft?.body === "string");
}

/** Keeps a draft; one without words is none. */
export function keepDraft(place, draft) {
  const isEmpty = !draft?.body?.trim() && !draft?.title?.trim();
  if (isEmpty) personal().removeItem(PREFIX + place);
  else personal().setItem(PREFIX + place, JSON.stringify(draft));
}

export function dropDraft(place) {
  personal().removeItem(PREFIX + place);
}
