// The replies of a thread, from top to bottom. Replies that arrive above the reader's position do not move it.
import { Component, html } from "./libraries.js";
import { HeldCard } from "./held_card.js";
import { Pending, Reply } from "./post.js";
import { t } from "./i18n.js";

export const HEADER_HEIGHT = 64;
/** From this depth on, what is not loaded below a reply is shown by itself, as a branch. */
const BRANCH_DEPTH = 10;

export class ReplyList extends Component {
  getSnapshotBeforeUpdate() {
    const post = topPost();
    return post && { id: post.id, top: post.getBoundingClientRect().top };
  }

  componentDidUpdate(_props, _state, before) {
    const post = before && document.getElementById(before.id);
    if (!post || scrollY === 0) return;
    const moved = post.getBoundingClientRect().top - before.top;
    if (Math.abs(moved) > 1) scrollBy({ top: moved, behavior: "instant" });
  }

  render({ rows, number, path, unseen, editing, heldEdits, canWrite, actions, pendingProps, loading, loadSubtree }) {
    return html`<section class="reply-list" aria-busy=${loading.size > 0} aria-label=${t("thread.label")}>
      ${rows.map((row) => {
        if (row.entry?.held) return html`<${HeldCard} key=${row.key} held=${row.entry.held} depth=${row.depth} onWithdrawn=${(held) => actions.withdrawn(held)} />`;
        if (row.kind === "pending") return html`<${Pending} key=${row.key} entry=${row.entry} depth=${row.depth} actions=${actions} ...${pendingProps(row.entry)} />`;
        if (row.kind === "more") {
          return html`<div key=${row.key} class="more-below" style=${{ "--depth": row.depth }}>
            ${row.depth > BRANCH_DEPTH
              ? html`<a href=${`${path}?root=${row.reply.sequence}`} data-branch=${row.reply.sequence}>${t("thread.continueBelow", { count: row.count })}</a>`
              : html`<button type="button" class="quiet" data-more=${row.reply.sequence} disabled=${loading.has(row.reply.sequence)} onClick=${() => loadSubtree(row.reply)}>
                  ${t("thread.moreBelow", { count: row.count })}
                </button>`}
          </div>`;
        }
        const { sequence } = row.reply;
        return html`<${Reply}
          key=${row.key}
          reply=${row.reply}
          depth=${row.depth}
          below=${row.below}
          number=${number}
          path=${path}
          isNew=${unseen.has(sequence)}
          isEditing=${editing.has(row.reply.id)}
          heldEdit=${heldEdits.get(row.reply.id) ?? null}
          canWrite=${canWrite}
          actions=${actions}
        />`;
      })}
    </section>`;
  }
}

/** The reply at the top of the visible area, below the page's header. */
export function topPost() {
  const feed = document.querySelector(".reply-list");
  if (!feed) return null;
  const { left, width } = feed.getBoundingClientRect();
  for (const y of [HEADER_HEIGHT + 8, HEADER_HEIGHT + 48, HEADER_HEIGHT + 120]) {
    const post = document.elementFromPoint(left + width - 24, y)?.closest("article[data-sequence]");
    if (post) return post;
  }
  return null;
}
