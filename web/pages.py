"""The HTML that a browser gets first: what previews, search engines and readers without scripts need, then the page."""

import re
from html import escape
from typing import Any

from web.assets import Assets

Data = dict[str, Any]

DESCRIPTION_LENGTH = 200
_ALIGNED = re.compile(r'<(t[dh]) style="text-align: ?(left|right|center);?">')
ABOUT = "Discussions with nested replies and quotes, live."


def slug(title: str) -> str:
    """A title as it stands in addresses: letters and digits of any script, hyphens between; `discussion` for none."""
    return "-".join(re.findall(r"[^\W_]+", title.lower()))[:80].rstrip("-") or "discussion"


def address(discussion: Data) -> str:
    """The path of a discussion's page."""
    return f"/d/{discussion['number']}/{slug(discussion['title'])}"


class Shell:
    """Writes pages for one server."""

    def __init__(self, assets: Assets, public_url: str) -> None:
        self._assets = assets
        self._public_url = public_url

    def front(self, found: Data) -> str:
        """The list of discussions."""
        items = "".join(
            f'<li><a href="{escape(address(one))}"><bdi>{escape(one["title"])}</bdi></a> '
            f"<span>{_name(one['author'])}, {_replies(one['replyCount'])}</span></li>"
            for one in found["discussions"]["nodes"]
        )
        site = found["site"]["name"]
        body = f"<h1>{escape(site)}</h1><ul>{items}</ul>"
        return self._page(title=site, site=site, description=ABOUT, path="/", feed="/feed.atom", body=body)

    def thread(self, discussion: Data, site: str) -> str:
        """A discussion with its first replies."""
        path, title = address(discussion), discussion["title"]
        replies = "".join(
            f'<article id="reply-{one["sequence"]}" data-depth="{min(one["depth"], 8)}">'
            f"<p><b>{_name(one['author'])}</b> <time>{escape(one['createdAt'])}</time></p>"
            f'<div dir="auto">{_words(one)}</div></article>'
            for one in discussion["thread"]["nodes"]
        )
        more = (
            "<p>More replies follow; they need JavaScript.</p>"
            if discussion["thread"]["pageInfo"]["hasNextPage"]
            else ""
        )
        body = (
            f'<p><a href="/">{escape(site)}</a></p><h1><bdi>{escape(title)}</bdi></h1>'
            f"<article><p><b>{_name(discussion['author'])}</b> <time>{escape(discussion['createdAt'])}</time></p>"
            f'<div dir="auto">{_words(discussion)}</div></article>'
            f"<h2>{_replies(discussion['replyCount'])}</h2>{replies}{more}"
        )
        return self._page(
            title=f"{title} · {site}",
            site=site,
            description=_description(discussion["bodyText"]),
            path=path,
            feed=f"/d/{discussion['number']}/feed.atom",
            body=body,
            shared_title=title,
            kind="article",
        )

    def missing(self, site: str, *, what: str) -> str:
        """Where there is nothing to show."""
        body = f'<h1>{escape(what)}</h1><p><a href="/">All discussions of {escape(site)}</a></p>'
        return self._page(
            title=f"{what} · {site}", site=site, description=what, path=None, feed="/feed.atom", body=body
        )

    def graphiql(self, site: str) -> str:
        """The explorer."""
        vendor = "vendor/graphiql/"
        return _document(
            f"<title>GraphiQL · {escape(site)}</title>{self._style(vendor + 'graphiql.min.css')}"
            f"{self._style('page/graphiql.css')}{self._icon()}"
            f"{self._classic(vendor + 'react.production.min.js')}"
            f"{self._classic(vendor + 'react-dom.production.min.js')}"
            f"{self._classic(vendor + 'graphiql.min.js')}{self._module('page/graphiql.js')}",
            '<div class="token"><label for="token">Bearer token</label>'
            '<input id="token" autocomplete="off" spellcheck="false" placeholder="none: you only read">'
            '<a href="/">Back to the discussions</a></div>'
            '<div id="graphiql"><noscript>GraphiQL needs JavaScript.</noscript></div>',
        )

    def _page(
        self,
        *,
        title: str,
        site: str,
        description: str,
        path: str | None,
        feed: str,
        body: str,
        shared_title: str | None = None,
        kind: str = "website",
    ) -> str:
        tags = {
            "og:title": shared_title or title,
            "og:description": description,
            "og:type": kind,
            "og:site_name": site,
            **({"og:url": self._public_url + path} if path is not None else {}),
        }
        shared = "".join(f'<meta property="{name}" content="{escape(text)}">' for name, text in tags.items())
        canonical = f'<link rel="canonical" href="{escape(self._public_url + path)}">' if path is not None else ""
        return _document(
            f'<title>{escape(title)}</title><meta name="description" content="{escape(description)}">'
            f'<meta name="twitter:card" content="summary">{shared}{canonical}'
            f'<link rel="alternate" type="application/atom+xml" title="{escape(title)}" href="{feed}">'
            f"{self._icon()}{self._style('page/style.css')}{self._module('page/app.js')}",
            f'<div id="app" data-site="{escape(site)}"><main class="plain">{body}</main></div>',
        )

    def _style(self, name: str) -> str:
        return f'<link rel="stylesheet" href="{self._assets.url(name)}">'

    def _classic(self, name: str) -> str:
        return f'<script defer src="{self._assets.url(name)}"></script>'

    def _module(self, name: str) -> str:
        return f'<script type="module" src="{self._assets.url(name)}"></script>'

    def _icon(self) -> str:
        return f'<link rel="icon" type="image/svg+xml" href="{self._assets.url("page/icon.svg")}">'


def _document(head: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"{head}</head><body>{body}</body></html>"
    )


def _name(author: Data | None) -> str:
    return f"<bdi>{escape(author['name'])}</bdi>" if author else "a former member"


def _words(post: Data) -> str:
    if post["state"] != "VISIBLE":
        return "<p>This reply was deleted.</p>"
    # What the server has rendered is safe to insert as it is; but the page's policy refuses styles in attributes.
    return _ALIGNED.sub(r'<\1 class="align-\2">', post["bodyHtml"])


def _replies(count: int) -> str:
    return "1 reply" if count == 1 else f"{count:,} replies"


def _description(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= DESCRIPTION_LENGTH else f"{plain[: DESCRIPTION_LENGTH - 1].rsplit(' ', 1)[0]}…"
