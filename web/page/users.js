// Users: an avatar or a letter, and a name that is isolated from the direction of the text around it.
import { html } from "./libraries.js";

const HUES = 12;

/** Decorative: the name is next to it. */
export function Avatar({ user, size = "" }) {
  const name = user?.name ?? "?";
  if (user?.avatarUrl) return html`<img class="avatar ${size}" src=${user.avatarUrl} alt="" loading="lazy" referrerpolicy="no-referrer" />`;
  return html`<span class="avatar ${size} hue-${user ? hue(user.handle) : "none"}" aria-hidden="true">${initial(name)}</span>`;
}

export function Name({ user }) {
  if (!user) return html`<span class="nobody">a former member</span>`;
  return html`<bdi class="name" title=${`@${user.handle}`}>${user.name}</bdi>`;
}

/** "Ada", "Ada and Bo", "Ada, Bo and 3 others". */
export function Names({ users, most = 2 }) {
  const named = users.slice(0, most);
  const others = users.length - named.length;
  return named
    .map((user, at) => {
      const between = at === 0 ? "" : at === named.length - 1 && !others ? " and " : ", ";
      return html`${between}<bdi key=${user.id}>${user.name}</bdi>`;
    })
    .concat(others ? ` and ${others} ${others === 1 ? "other" : "others"}` : "");
}

function initial(name) {
  const [first = "?"] = new Intl.Segmenter().segment(name.trim());
  return (first.segment ?? first).toUpperCase();
}

function hue(handle) {
  let sum = 0;
  for (const character of handle) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return sum % HUES;
}
