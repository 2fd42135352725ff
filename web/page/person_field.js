// A field for one person, by name or handle: a combobox with a listbox, by the rules of WAI-ARIA.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./libraries.js";
import * as documents from "./documents.js";
import { notices, session } from "./state.js";
import { t } from "./i18n.js";
import { MAX_SUGGESTIONS } from "./mentions.js";
import { placeAt } from "./menus.js";
import { Avatar } from "./users.js";

const PAUSE_MS = 150;

/** `handle` is the person's, "" for nobody; `choose` is called with another one. */
export function PersonField({ id, label, placeholder, handle, choose }) {
  const chosen = handle && `@${handle}`;
  const [text, setText] = useState(chosen);
  const [people, setPeople] = useState([]);
  const [active, setActive] = useState(-1);
  const input = useRef(null);
  const list = useRef(null);
  const timer = useRef(null);
  const turn = useRef(0);
  const close = () => {
    clearTimeout(timer.current);
    turn.current += 1;
    setPeople([]);
    setActive(-1);
  };
  useEffect(() => setText(chosen), [chosen]);
  useEffect(() => close, []);
  useLayoutEffect(() => {
    if (!people.length) return;
    list.current.showPopover();
    list.current.style.minWidth = `${input.current.offsetWidth}px`;
    placeAt(list.current, input.current);
  }, [people]);
  const look = async (query) => {
    const now = (turn.current += 1);
    // What can't be suggested may still be typed.
    const found = await session.execute(documents.PEOPLE, { query, first: MAX_SUGGESTIONS }).catch(() => ({ people: [] }));
    if (now !== turn.current) return;
    setPeople(found.people);
    setActive(-1);
    if (found.people.length) notices.announce(t("composer.suggested", { count: found.people.length }));
  };
  const typed = ({ target: { value } }) => {
    setText(value);
    clearTimeout(timer.current);
    if (value.trim()) timer.current = setTimeout(() => look(value), PAUSE_MS);
    else close();
  };
  const take = (found) => {
    close();
    setText(found && `@${found}`);
    if (found !== handle) choose(found);
  };
  const move = (by) => setActive((Math.max(active, by > 0 ? -1 : 0) + by + people.length) % people.length);
  const pressed = (event) => {
    if (event.isComposing) return;
    const keys = {
      Enter: () => take((people[active] ?? people[0])?.handle ?? text.trim().replace(/^@/, "")),
      ...(people.length && { ArrowDown: () => move(1), ArrowUp: () => move(-1), Escape: close }),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  };
  // Nobody is chosen by what was typed and not taken; an emptied field is for everybody.
  const left = () => (text.trim() ? (close(), setText(chosen)) : take(""));
  return html`<label class="field">${label}
    <input ref=${input} id=${id} type="text" role="combobox" autocomplete="off" spellcheck=${false} dir=${text ? "auto" : null} placeholder=${placeholder}
      aria-autocomplete="list" aria-expanded=${people.length > 0} aria-controls=${people.length ? `${id}-people` : null}
      aria-activedescendant=${people[active] ? `${id}-${people[active].id}` : null}
      value=${text} onInput=${typed} onKeyDown=${pressed} onBlur=${left} />
    </label>
    ${people.length > 0 && html`<ul ref=${list} id=${`${id}-people`} popover="manual" class="menu suggestions" role="listbox" aria-label=${t("composer.people")} onMouseDown=${keepFocus}>
      ${people.map((user, at) => html`<li key=${user.id} id=${`${id}-${user.id}`} role="option" aria-selected=${at === active} onClick=${() => take(user.handle)}>
        <${Avatar} user=${user} size="small" /><bdi class="name">${user.name}</bdi> <bdi class="handle">@${user.handle}</bdi>
      </li>`)}
    </ul>`}`;
}

function keepFocus(event) {
  event.preventDefault();
}
