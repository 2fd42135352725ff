// People as they are shown: a picture or a letter, and a name that cannot disturb what stands around it.
import { html } from "./libraries.js";

const HUES = 12;

/** Decorative: the name stands next to it. */
export function Avatar({ person, size = "" }) {
  const name = person?.name ?? "?";
  if (person?.avatarUrl) return html`<img class="avatar ${size}" src=${person.avatarUrl} alt="" loading="lazy" referrerpolicy="no-referrer" />`;
  return html`<span class="avatar ${size} hue-${person ? hue(person.handle) : "none"}" aria-hidden="true">${initial(name)}</span>`;
}

export function Name({ person }) {
  if (!person) return html`<span class="nobody">a former member</span>`;
  return html`<bdi class="name" title=${`@${person.handle}`}>${person.name}</bdi>`;
}

/** "Ada", "Ada and Bo", "Ada, Bo and 3 others". */
export function Names({ people, most = 2 }) {
  const named = people.slice(0, most);
  const others = people.length - named.length;
  return named
    .map((person, at) => {
      const between = at === 0 ? "" : at === named.length - 1 && !others ? " and " : ", ";
      return html`${between}<bdi key=${person.id}>${person.name}</bdi>`;
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
