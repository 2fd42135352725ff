"""Pages of a Ning discussion as its server wrote them, for tests: byline, marks, permalinks and all."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Shown:
    """A reply on a page; without a body, one that was deleted."""

    number: int
    depth: int
    author: str
    written: str
    body: str | None = "<p>Quite so.</p>"
    named: bool = True

    def html(self, network: int = 77) -> str:
        mark, key = f"{network}Comment{self.number}", self.author.lower().split()[0]
        permalink = (
            f'<a name="{mark}" href="http://old.example.org/xn/detail/{network}:Comment:{self.number}"'
            ' title="Permalink to this Reply" class="xg_icon xg_icon-permalink">Permalink</a>'
        )
        user = f"http://old.example.org/forum/topic/listForContributor?user={key}"
        said = (
            f'<div class="description" id="desc_{mark}"><div class="xg_user_generated">{self.body}</div></div>'
            if self.body is not None
            else "<p><em>This reply was deleted.</em></p>"
        )
        return f"""
<dl class="discussion clear i{self.depth} xg_lightborder">
  <dt class="byline">
    {f'<a name="{network}:Comment:{self.number}"></a>' if self.named else ""}
    <span class="xg_avatar"><a class="fn url" href="http://old.example.org/profile/{key}" title="{escape(self.author)}">
      <span class="table_img dy-avatar"><img class="photo" src="/a.jpg" alt=""></span></a></span>
    {permalink if self.named else "Permalink"} Reply by
    <a href="{user}" class="fn url">{escape(self.author)}</a> on
    <span class="timestamp">{self.written}</span>
  </dt>
  <dd class="actions"><a href="#" class="xg_sprite">Send Message</a></dd>
  <dd>
    {said}
  </dd>
  <dd><p class="toggle"><a href="#" dojoType="QuoteLink"><span>&#9654;</span> Reply to This</a></p></dd>
</dl>"""


def page(
    *replies: Shown,
    number: int = 1,
    of: str = "77:Topic:1",
    title: str = "Bees on the roof &amp; below",
    more: str = "",
) -> str:
    """A page of a discussion; `of` is its id, or "" for a page that names none."""
    address = "http://old.example.org/forum/topics/bees-on-the-roof" + (f"?page={number}" if number > 1 else "")
    follow = f'<a href="http://old.example.org/main/content/startFollowing?id={of}">Follow</a>' if of else ""
    return f"""<!DOCTYPE html>
<html><head><title>Bees - Old Forum</title><link rel="canonical" href="{address}">
<script>var x = "<h1>no title</h1>";</script></head>
<body><div id="xg_head"><div class="xg_user_generated">The forum's own words.</div></div>
<div class="xg_module xg_module_with_dialog">
  <div class="xg_headline"><div class="tb"><h1>{title}</h1>
    <ul class="navigation byline">
      <li><a class="nolink">Posted by </a><a href="/profile/ida">Ida &Aring;s</a><a class="nolink"> on May 1, 2010 at
        8:00am in </a><a href="/forum/topic/list?categoryId=77%3ACategory%3A4">City animals</a></li>
      <li><a class="xg_sprite xg_sprite-view" href="/forum">View Discussions</a></li></ul></div></div>
  <div class="xg_module_body"><div class="discussion"><div class="description">
    <div class="xg_user_generated"><p>Who keeps <b>bees</b> on a roof?</p><div>I do.</div></div></div></div>
    <p class="small">Views: 642</p>{follow}</div></div>
<div class="xg_module"><div class="xg_module_head"><h2>Replies to This Discussion</h2></div>
<div class="xg_module_body" id="cid-main">{"".join(reply.html() for reply in replies)}{more}</div></div>
<div class="xg_module"><h1>Other</h1><div class="xg_user_generated">More from the forum.</div></div></body></html>"""
