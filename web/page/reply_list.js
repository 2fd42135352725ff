// The replies of a thread, from top to bottom. Replies that arrive above the reader's position do not move it.
import { Component, html } from "./libraries.js";
import { Pending, Reply } from "./post.js";
import { counted } from "./components.js";

const HEADER_HEIGHT = 64;

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

  render({ rows, number, path, unseen, editing, canWrite, actions, pendingProps, loading, loadSubtree }) {
    return html`<section class="reply-list" aria-busy=${loading.size > 0} aria-label="Replies" onKeyDown=${pressed}>
      ${rows.map((row) => {
        if (row.kind === "pending") return html`<${Pending} key=${row.key} entry=${row.entry} depth=${row.depth} actions=${actions} ...${pendingProps(row.entry)} />`;
        if (row.kind === "more") {
          return html`<div key=${row.key} class="more-below" style=${{ "--depth": row.reply.depth + 1 }}>
            <button type="button" class="quiet" data-more=${row.reply.sequence} disabled=${loading.has(row.reply.sequence)} onClick=${() => loadSubtree(row.reply)}>
              Show ${counted(row.count, "more reply", "more replies")}
            </button>
          </div>`;
        }
        const { sequence } = row.reply;
        return html`<${Reply}
          key=${row.key}
          reply=${row.reply}
          below=${row.below}
          number=${number}
          path=${path}
          isNew=${unseen.has(sequence)}
          isEditing=${editing.has(row.reply.id)}
          canWrite=${canWrite}
          actions=${actions}
        />`;
      })}
    </section>`;
  }
}

const KEYS = { r: "reply", q: "quote", c: "collapse" };

/** j and k move between replies; r, q and c reply to, quote and collapse the one that has the focus. */
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const post = event.target.closest("article");
  const step = { j: 1, k: -1 }[event.key];
  if (step && post) {
    const posts = [...event.currentTarget.querySelectorAll("article")];
    posts[posts.indexOf(post) + step]?.focus();
  } else if (post && KEYS[event.key]) {
    post.querySelector(`:scope > .actions [data-action="${KEYS[event.key]}"]`)?.click();
  } else {
    return;
  }
  event.preventDefault();
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
