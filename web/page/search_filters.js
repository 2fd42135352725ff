// The filters of the search page. Each changes the address.
import { html, useState } from "./libraries.js";
import { t } from "./i18n.js";
import { router, site } from "./state.js";
import { Icon, useObservables } from "./components.js";
import { useIsWide } from "./menus.js";
import { PersonField } from "./person_field.js";
import { searchPath } from "./router.js";

/** The parameters of an address that are filters. */
const FILTERS = ["author", "category", "discussion", "from", "to"];

/** How many filters an address has. */
export function countFilters(place) {
  return FILTERS.filter((name) => place[name]).length;
}

export function withoutFilters({ query, order }) {
  return searchPath({ query, order });
}

/** The form: beside the results, or on a narrow screen behind a button. */
export function SearchFilters({ place }) {
  useObservables(site);
  const isWide = useIsWide();
  const [isOpen, setOpen] = useState(false);
  const count = countFilters(place);
  const change = (name) => (value) => router.go(searchPath({ ...place, [name]: value }), { instead: true });
  const changed = (name) => ({ target }) => change(name)(target.value);
  return html`<div class="rail">
    ${!isWide && html`<button type="button" class="small filters-toggle" data-action="filters" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
      <${Icon} name="filter" />${count ? t("search.filtersSet", { count }) : t("search.filters")}
    </button>`}
    ${(isWide || isOpen) && html`<form class="search-filters" aria-label=${t("search.filters")} onSubmit=${(event) => event.preventDefault()}>
      <${PersonField} id="search-author" label=${t("search.author")} placeholder=${t("search.anybody")} handle=${place.author} choose=${change("author")} />
      ${site.categories.length > 0 && html`<label class="field">${t("search.category")}
        <select value=${place.category} onChange=${changed("category")}>
          <option value="">${t("list.all")}</option>
          ${site.categories.map(({ slug, name }) => html`<option key=${slug} value=${slug}>${name}</option>`)}
        </select>
      </label>`}
      <label class="field">${t("search.from")}<input type="date" max=${place.to || null} value=${place.from} onChange=${changed("from")} /></label>
      <label class="field">${t("search.to")}<input type="date" min=${place.from || null} value=${place.to} onChange=${changed("to")} /></label>
      ${count > 0 && html`<a class="button small" href=${withoutFilters(place)}>${t("search.clear")}</a>`}
    </form>`}
  </div>`;
}
