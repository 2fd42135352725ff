// Categories: adding, renaming, describing and ordering them, and holding all that is written in one.
import { Category, Errors, Icon, Nothing, Skeleton, asErrors, html, newKey, notices, session, site, t, useEffect, useState } from "./app.js";
import { ADD_CATEGORY, CATEGORIES, EDIT_CATEGORY } from "./moderate_documents.js";

const MAX_NAME = 80;
const MAX_DESCRIPTION = 400;

export function CategoriesPart() {
  const [categories, setCategories] = useState(null);
  const [errors, setErrors] = useState([]);
  /** The id of the category that is edited; "" while a new one is written. */
  const [editing, setEditing] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const load = () => {
    setErrors([]);
    session.execute(CATEGORIES).then(
      ({ categories: { nodes } }) => setCategories(nodes),
      (error) => setErrors(asErrors(error)),
    );
  };
  useEffect(load, []);
  /** Sends a mutation; returns its errors. */
  const send = async (document, input) => {
    setBusy(true);
    try {
      const { written } = await session.execute(document, { input: { clientMutationId: newKey(), ...input } });
      const { category } = written;
      if (category) {
        setCategories((known) => inOrder([...known.filter(({ id }) => id !== category.id), category]));
        site.replaceCategory(category.id, category);
      }
      return written.errors;
    } catch (error) {
      return asErrors(error);
    } finally {
      setBusy(false);
    }
  };
  const save = async (category, fields) => {
    const found = category
      ? await send(EDIT_CATEGORY, { categoryId: category.id, ...fields })
      : await send(ADD_CATEGORY, { ...fields, position: categories.length ? Math.max(...categories.map(({ position }) => position)) + 1 : 0 });
    if (!found.length) {
      setEditing(null);
      notices.announce(t(category ? "categories.saved" : "categories.added", { name: fields.name }));
      focusOn(category ? `[data-category="${category.slug}"] [data-action="edit"]` : '[data-action="add"]');
    }
    return found;
  };
  /** Moves a category up or down: numbers all that stand in another place than their position says. */
  const move = async (at, by) => {
    const order = [...categories];
    const [moved] = order.splice(at, 1);
    order.splice(at + by, 0, moved);
    setErrors([]);
    for (const [position, category] of order.entries()) {
      if (category.position === position) continue;
      const found = await send(EDIT_CATEGORY, { categoryId: category.id, position });
      if (found.length) {
        setErrors(found);
        break;
      }
    }
    notices.announce(t("categories.moved", { name: moved.name, place: at + by + 1 }));
    focusOn(`[data-category="${moved.slug}"] [data-action="${by < 0 ? "up" : "down"}"]:not(:disabled), [data-category="${moved.slug}"] [data-action="edit"]`);
  };
  return html`<section class="categories" aria-labelledby="categories-title">
    <h2 id="categories-title" class="unseen">${t("moderation.categories")}</h2>
    <${Errors} errors=${errors}>${!categories && html`<button type="button" onClick=${load}>${t("page.tryAgain")}</button>`}<//>
    ${!categories && !errors.length && html`<${Skeleton} />`}
    ${categories?.length === 0 && html`<${Nothing} icon="list" title=${t("categories.none")}><p>${t("categories.noneHint")}</p><//>`}
    ${categories && html`<ol class="list">
      ${categories.map((category, at) => html`<li key=${category.id} class="category-row" data-category=${category.slug}>
        ${editing === category.id
          ? html`<${CategoryForm} category=${category} isBusy=${isBusy} save=${(fields) => save(category, fields)} close=${() => setEditing(null)} />`
          : html`<div class="category-body">
              <p><${Category} category=${category} />${category.premoderated && html`<span class="chip small">${t("categories.held")}</span>`}</p>
              ${category.description && html`<p class="hint" dir="auto">${category.description}</p>`}
            </div>
            <div class="category-acts">
              <button type="button" class="quiet square" data-action="up" aria-label=${t("categories.up", { name: category.name })} disabled=${isBusy || at === 0} onClick=${() => move(at, -1)}><${Icon} name="up" /></button>
              <button type="button" class="quiet square" data-action="down" aria-label=${t("categories.down", { name: category.name })} disabled=${isBusy || at === categories.length - 1} onClick=${() => move(at, 1)}><${Icon} name="down" /></button>
              <button type="button" class="quiet square" data-action="edit" aria-label=${t("categories.edit", { name: category.name })} onClick=${() => setEditing(category.id)}><${Icon} name="edit" /></button>
            </div>`}
      </li>`)}
    </ol>`}
    ${categories && (editing === ""
      ? html`<${CategoryForm} category=${null} isBusy=${isBusy} save=${(fields) => save(null, fields)} close=${() => setEditing(null)} />`
      : html`<p><button type="button" class="primary" data-action="add" onClick=${() => setEditing("")}><${Icon} name="plus" />${t("categories.add")}</button></p>`)}
  </section>`;
}

function CategoryForm({ category, isBusy, save, close }) {
  const [fields, setFields] = useState({
    name: category?.name ?? "",
    slug: "",
    description: category?.description ?? "",
    premoderated: category?.premoderated ?? false,
  });
  const [errors, setErrors] = useState([]);
  const write = (changes) => setFields((known) => ({ ...known, ...changes }));
  const submit = async (event) => {
    event.preventDefault();
    const { slug, ...rest } = fields;
    setErrors(await save(category ? rest : { ...rest, slug: slug.trim() || slugOf(rest.name) }));
  };
  return html`<form class="fields card" aria-label=${category ? t("categories.edit", { name: category.name }) : t("categories.add")} onSubmit=${submit}>
    <label class="field">${t("categories.name")}<input name="name" required maxlength=${MAX_NAME} dir=${fields.name ? "auto" : null} autocomplete="off" value=${fields.name} onInput=${({ target }) => write({ name: target.value })} /></label>
    ${!category && html`<label class="field">${t("categories.slug")}<input name="slug" autocapitalize="none" autocomplete="off" spellcheck=${false} dir="ltr" placeholder=${slugOf(fields.name)} value=${fields.slug} onInput=${({ target }) => write({ slug: target.value })} /></label>`}
    <label class="field">${t("categories.description")}<input name="description" maxlength=${MAX_DESCRIPTION} dir=${fields.description ? "auto" : null} autocomplete="off" value=${fields.description} onInput=${({ target }) => write({ description: target.value })} /></label>
    <label class="check"><input type="checkbox" name="premoderated" checked=${fields.premoderated} onChange=${({ target }) => write({ premoderated: target.checked })} /><span>${t("categories.hold")}<small>${t("categories.holdHint")}</small></span></label>
    <${Errors} errors=${errors} />
    <footer>
      <button type="button" onClick=${close}>${t("page.cancel")}</button>
      <button type="submit" class="primary" disabled=${isBusy || !fields.name.trim()}>${t(category ? "edit.save" : "categories.add")}</button>
    </footer>
  </form>`;
}

/** A name as part of an address: its letters and digits, with hyphens between. */
function slugOf(name) {
  return (name.normalize("NFC").toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).join("-");
}

function inOrder(categories) {
  return categories.sort((one, other) => one.position - other.position || Number(one.id.slice(2)) - Number(other.id.slice(2)));
}

/** Focuses an element that the next rendering makes. */
function focusOn(selector) {
  setTimeout(() => document.querySelector(selector)?.focus(), 0);
}
