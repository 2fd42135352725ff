// Suggestions of people while a mention is written: a listbox of the text field, by the rules of WAI-ARIA for comboboxes.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./libraries.js";
import { PEOPLE } from "./documents.js";
import { NetworkError, RequestError } from "./graphql.js";
import { notices, session } from "./state.js";
import { t } from "./i18n.js";
import { MAX_SUGGESTIONS, completed, mentionBefore, peopleBeginning } from "./mentions.js";
import { characterBox } from "./text_field.js";
import { Avatar } from "./users.js";

/** How long the writer rests before the server is asked. */
const REST_MS = 150;
const GAP = 4;

/**
 * The suggestions for a text field: `look` after an input, `pressed` for its keys, which returns whether a key was taken, `field`
 * with its ARIA attributes, and the `list`. `near` returns the people to suggest first, without a request.
 */
export function useSuggestions(id, { near, discussionId, apply }) {
  const [found, setFound] = useState(null);
  const asked = useRef(null);
  const dismissed = useRef(null);
  const list = useRef(null);
  const area = () => document.getElementById(id);
  const close = () => {
    asked.current?.abort();
    setFound(null);
  };
  useEffect(() => () => asked.current?.abort(), []);
  useLayoutEffect(() => {
    if (!found) return;
    list.current.showPopover();
    placeAt(list.current, area(), found.mention.at);
  }, [found]);

  const show = (mention, people) => {
    const users = people.slice(0, MAX_SUGGESTIONS);
    if (users.length) notices.announce(t("composer.suggested", { count: users.length }));
    setFound((before) => {
      const active = users.findIndex(({ id: one }) => one === before?.users[before.active]?.id);
      // After the @ alone Enter is a new line; after a letter, the first of the list.
      return users.length ? { mention, users, active: active === -1 && mention.word ? 0 : active } : null;
    });
  };
  const look = async (isComposed) => {
    asked.current?.abort();
    const { value, selectionStart, selectionEnd } = area();
    const begun = selectionStart === selectionEnd ? mentionBefore(value, selectionStart) : null;
    if (begun?.at !== dismissed.current) dismissed.current = null;
    if (!begun || dismissed.current !== null) return close();
    const mention = { ...begun, isComposed };
    const known = peopleBeginning(near(), mention.word);
    show(mention, known);
    if (!mention.word || known.length >= MAX_SUGGESTIONS) return undefined;
    const { signal } = (asked.current = new AbortController());
    const others = await peopleOf(mention.word, discussionId, signal);
    const all = new Map([...known, ...others].map((user) => [user.id, user]));
    return signal.aborted ? undefined : show(mention, [...all.values()]);
  };
  const choose = (user) => {
    close();
    // An input method lets go of the text that it composes when the field loses the focus.
    if (found.mention.isComposed) area().blur();
    apply(completed(area().value, found.mention, user.handle));
  };
  const move = (by) => setFound({ ...found, active: (Math.max(found.active, by > 0 ? -1 : 0) + by + found.users.length) % found.users.length });
  const keys = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Escape() {
      dismissed.current = found.mention.at;
      close();
    },
    ...(found?.active >= 0 && { Enter: () => choose(found.users[found.active]), Tab: () => choose(found.users[found.active]) }),
  };
  const pressed = (event) => {
    if (!found || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !keys[event.key]) return false;
    event.preventDefault();
    keys[event.key]();
    return true;
  };
  return { look, pressed, close, field: attributes(id, found), list: found && html`<${List} ...${{ id, list, found, choose }} />` };
}

function attributes(id, found) {
  return {
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    "aria-controls": found && `${id}-people`,
    "aria-activedescendant": found?.active >= 0 ? `${id}-${found.users[found.active].id}` : null,
  };
}

function List({ id, list, found, choose }) {
  // A press would take the focus from the text.
  const keepFocus = (event) => event.preventDefault();
  return html`<ul ref=${list} id=${`${id}-people`} popover="manual" class="menu suggestions" role="listbox" aria-label=${t("composer.people")} onMouseDown=${keepFocus}>
    ${found.users.map((user, at) => html`<li key=${user.id} id=${`${id}-${user.id}`} role="option" aria-selected=${at === found.active} onClick=${() => choose(user)}>
      <${Avatar} user=${user} size="small" /><bdi class="name">${user.name}</bdi> <bdi class="handle">@${user.handle}</bdi>
    </li>`)}
  </ul>`;
}

/** Whom the server finds, after a rest; nobody if it cannot be reached or refuses, since one can write without suggestions. */
async function peopleOf(word, discussionId, signal) {
  await new Promise((rested) => setTimeout(rested, REST_MS));
  if (signal.aborted) return [];
  try {
    const { people } = await session.execute(PEOPLE, { query: word, first: MAX_SUGGESTIONS, discussionId }, { signal });
    return people.filter(({ id }) => id !== session.viewer?.user.id);
  } catch (error) {
    if (!(error instanceof NetworkError || error instanceof RequestError)) throw error;
    if (!signal.aborted) console.info("The server suggests nobody:", error.message);
    return [];
  }
}

/** Places the list below the character of the text field where the mention begins, or above it if there is no room. */
function placeAt(list, area, at) {
  const box = characterBox(area, at);
  const { offsetWidth: width, offsetHeight: height } = list;
  const start = getComputedStyle(area).direction === "rtl" ? box.right - width : box.left;
  const isBelow = box.bottom + GAP + height <= innerHeight;
  list.style.left = `${Math.max(8, Math.min(start, innerWidth - width - 8))}px`;
  list.style.top = `${Math.max(8, isBelow ? box.bottom + GAP : box.top - GAP - height)}px`;
}
