// Users: a face and a name that is isolated from the direction of the text around it.
import { html } from "./libraries.js";
import { t } from "./i18n.js";
import { userPath } from "./router.js";

const HUES = 24;

/** Decorative: the name is next to it. */
export function Avatar({ user, size = "" }) {
  if (user?.avatarUrl) return html`<img class="avatar ${size}" src=${user.avatarUrl} alt="" loading="lazy" referrerpolicy="no-referrer" />`;
  return html`<span class="avatar ${size} ${user ? tone(user.handle) : "hue-none"}" aria-hidden="true">${initial(user?.name ?? "?")}</span>`;
}

/** The faces of several users, who are named elsewhere or by `title`. */
export function Faces({ users, title }) {
  return html`<span class="faces-row" title=${title}>${users.map((user) => html`<${Avatar} key=${user.id} user=${user} size="small" />`)}</span>`;
}

/** A face that leads to the person, beside their name, which is the link for the keyboard. */
export function Face({ user, size }) {
  const face = html`<${Avatar} user=${user} size=${size} />`;
  return user ? html`<a class="face-link" href=${userPath(user)} tabindex="-1" aria-hidden="true">${face}</a>` : face;
}

/** A name that leads to the person. */
export function Author({ user }) {
  const name = html`<${Name} user=${user} />`;
  return user ? html`<a class="author" href=${userPath(user)}>${name}</a>` : name;
}

const ROLES = { MODERATOR: "roles.moderator", GUEST: "roles.guest", APPLICATION: "roles.application" };

/** What a reader may want to know of who wrote a reply: that it was a moderator, a guest, a program, or who began it all. */
export function Standing({ post: { authorRole, byDiscussionAuthor } }) {
  return html`${ROLES[authorRole] && html`<span class="standing" data-role=${authorRole}>${t(ROLES[authorRole])}</span>`}
    ${byDiscussionAuthor && html`<span class="standing" data-role="STARTER">${t("roles.starter")}</span>`}`;
}

export function Name({ user }) {
  if (!user) return html`<span class="nobody">${t("page.formerMember")}</span>`;
  return html`<bdi class="name" title=${`@${user.handle}`}>${user.name}</bdi>`;
}

/** A category's name after a dot of its colour. */
export function Category({ category }) {
  return html`<span class="category"><i class="dot hue-${number(category.slug) % HUES}" aria-hidden="true"></i><bdi>${category.name}</bdi></span>`;
}

/** "Ada", "Ada and Bo", "Ada, Bo and 3 others". */
export function Names({ users }) {
  const [first, second, ...others] = users.map(({ id, name }) => html`<bdi key=${id}>${name}</bdi>`);
  if (!second) return first ?? "";
  return others.length ? t("names.more", { first, second, count: others.length }) : t("names.two", { first, second });
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The first letter of a name with all its marks, or its first emoji. Marks and signs before it are passed over. */
export function initial(name) {
  const parts = [...graphemes.segment(name)].map(({ segment }) => segment);
  return (parts.find((part) => /^[\p{L}\p{N}]/u.test(part)) ?? parts.find((part) => /\S/u.test(part)) ?? "?").toUpperCase();
}

/** One of 48 pairs of colours by a person's handle: a hue, and whether it is light or deep. */
function tone(handle) {
  const found = number(handle);
  return `hue-${found % HUES}${Math.floor(found / HUES) % 2 ? " deep" : ""}`;
}

/** A number that is much the same for nobody: the 32-bit FNV-1a hash of the text's UTF-16 code units. */
function number(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
