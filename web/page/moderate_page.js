// The moderators' page: the queue, people, the audit log, categories, each at an address of its own.
import { html, moderatePath, site, t, useEffect } from "./app.js";
import { AuditLogPart } from "./audit_log.js";
import { CategoriesPart } from "./moderate_categories.js";
import { PeoplePart } from "./moderate_people.js";
import { QueuePart } from "./review_queue.js";

const PARTS = {
  queue: ["moderation.queue", QueuePart],
  people: ["moderation.people", PeoplePart],
  log: ["moderation.log", AuditLogPart],
  categories: ["moderation.categories", CategoriesPart],
};

export function ModeratePage({ place: { part, given } }) {
  const [title, Part] = PARTS[part];
  useEffect(() => {
    document.title = `${t(title)} · ${site.name}`;
  }, [part]);
  return html`<main id="main" class="page moderate" tabindex="-1" data-part=${part}>
    <h1>${t("moderate.title")}</h1>
    <nav class="parts" aria-label=${t("moderation.parts")}>
      ${Object.entries(PARTS).map(([name, [label]]) => html`<a key=${name} href=${moderatePath(name)} aria-current=${name === part ? "page" : null}>${t(label)}</a>`)}
    </nav>
    <${Part} key=${part} given=${given} />
  </main>`;
}
