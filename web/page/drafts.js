// Drafts, stored per place until they are sent, so that a reload, a crash or an expired session loses none.
import { viewerStorage, readJson } from "./storage.js";

const PREFIX = "parley:draft:";

/** The draft of a place (such as `reply:D_1:R_7` or `new`), or null. */
export function draftAt(place) {
  return readJson(viewerStorage(), PREFIX + place, (draft) => typeof draft?.body === "string");
}

/** Stores a draft; deletes it if it is empty. Returns whether it is stored; null for an empty one. */
export function keepDraft(place, draft) {
  const isEmpty = !draft?.body?.trim() && !draft?.title?.trim() && !draft?.quotes?.length;
  if (isEmpty) {
    dropDraft(place);
    return null;
  }
  try {
    viewerStorage().setItem(PREFIX + place, JSON.stringify(draft));
    return true;
  } catch (error) {
    // The browser's storage is full: the writer sees that the draft is not saved.
    if (error.name !== "QuotaExceededError") throw error;
    return false;
  }
}

export function dropDraft(place) {
  viewerStorage().removeItem(PREFIX + place);
}
