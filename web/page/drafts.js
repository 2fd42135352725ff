// Drafts, stored per place until they are sent, so that a reload, a crash or an expired session loses none.
import { viewerStorage, readJson } from "./storage.js";

const PREFIX = "parley:draft:";

/** The draft of a place (such as `reply:D_1:R_7` or `new`), or null. */
export function draftAt(place) {
  return readJson(viewerStorage(), PREFIX + place, (draft) => typeof draft?.body === "string");
}

/** Stores a draft; deletes it if it is empty. */
export function keepDraft(place, draft) {
  const isEmpty = !draft?.body?.trim() && !draft?.title?.trim();
  if (isEmpty) viewerStorage().removeItem(PREFIX + place);
  else viewerStorage().setItem(PREFIX + place, JSON.stringify(draft));
}

export function dropDraft(place) {
  viewerStorage().removeItem(PREFIX + place);
}
