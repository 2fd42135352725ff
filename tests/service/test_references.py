"""Links in the HTML of posts: to the people and posts that they refer to, and absolute for every reader."""

import re
from html import unescape
from xml.etree import ElementTree

from tests.support.http import Data, People, Person, claims, quotes_of, signed
from tests.support.servers import Parley, told

ATOM = "{http://www.w3.org/2005/Atom}"


def html(asks: Person, post: str) -> str:
    found: str = asks.node(post, "... on Post { bodyHtml }")["bodyHtml"]
    return found


def links(markup: str) -> list[Data]:
    """The attributes of all links, without `rel`."""
    tags = re.findall("<a ([^>]*)>", markup)
    found = [{name: unescape(value) for name, value in re.findall('([a-z-]+)="([^"]*)"', tag)} for tag in tags]
    return [{name: value for name, value in link.items() if name != "rel"} for link in found]


def known(people: People, name: str = "Ada") -> tuple[Person, str]:
    """Somebody who has been here, and their id."""
    person = people(name)
    return person, person.ask("{ viewer { user { id } } }")["viewer"]["user"]["id"]


def preview(asks: Person, body: str, discussion: str | None = None) -> str:
    query = "query ($body: String!, $in: ID) { previewBody(body: $body, discussionId: $in) { bodyHtml } }"
    shown: str = asks.ask(query, body=body, **{"in": discussion})["previewBody"]["bodyHtml"]
    return shown


def test_mentions_and_numbers_of_posts_are_links(parley: Parley, people: People) -> None:
    ada, user = known(people)
    grace = people("Grace")
    discussion = grace.start()
    number = discussion.removeprefix("D_")
    first = grace.reply(discussion)
    body = f"@{ada.handle}, @ {ada.name} and @nobody-called-so: see #1 and #99, not `#1`."
    expected = [
        {"href": f"{parley.url}/u/{ada.handle}", "class": "mention", "data-user-id": user},
        {"href": f"{parley.url}/u/{ada.handle}", "class": "mention", "data-user-id": user},
        {"href": f"{parley.url}/d/{number}#reply-1", "class": "post-reference", "data-post-id": first},
    ]
    assert links(preview(grace, body, discussion)) == expected
    reply = grace.reply(discussion, body)
    assert links(html(people.reader, reply)) == expected
    grace.edit(reply, f"{body} Once more: #1")
    assert links(html(people.reader, reply)) == [*expected, expected[-1]]
    # The opening post can refer to replies once there are any.
    assert links(html(people.reader, grace.start(body))) == expected[:2]
    grace.write("editDiscussion", discussionId=discussion, body="See #1.", expectedVersion=1)
    assert links(html(people.reader, discussion)) == [expected[-1]]


def test_links_to_posts_have_their_ids(parley: Parley, people: People) -> None:
    grace = people("Grace")
    other, discussion = grace.start(), grace.start()
    reply, gone = grace.reply(other), grace.reply(other)
    grace.delete(gone)
    here, there = (f"{parley.url}/d/{each.removeprefix('D_')}" for each in (discussion, other))
    to = {
        there.removeprefix(parley.url): other,
        f"{there}/a-title": other,
        f"{there}#reply-1": reply,
        f"{there}#reply-2": None,
        f"{there}#reply-3": None,
        "/d/2000000000": None,
        f"https://elsewhere.example/d/{other.removeprefix('D_')}#reply-1": None,
        "#reply-1": None,
    }
    body = " ".join(f"[x]({address})" for address in to)
    made = grace.reply(discussion, f"> {body}\n\n{body}")
    shown = links(html(people.reader, made))
    # Its own number, #1, is not there at the time of writing.
    assert [link.get("data-post-id") for link in shown] == [*to.values(), *to.values()]
    assert shown[-1]["href"] == f"{here}#reply-1"
    (quote,) = quotes_of(people.reader, grace.reply(discussion, "> Ada said:\n> [x](#reply-1)"), "bodyHtml")
    assert links(quote["bodyHtml"]) == [{"href": f"{here}#reply-1", "data-post-id": made}]


RELATIVE = "[a](/d/1) [b](#reply-9) [c](?q=1) [d](a.html) [e](../../etc) [f](//x.example/a) [g]()"


def test_links_are_absolute_wherever_html_is_read(parley: Parley, people: People) -> None:
    grace = people("Grace")
    body = f"> Ada said:\n> {RELATIVE}\n\n{RELATIVE}"
    discussion = grace.start(body)
    reply = grace.reply(discussion, body)
    grace.edit(reply, f"{body}\n\nEdited.")
    here = f"{parley.url}/d/{discussion.removeprefix('D_')}"
    site = parley.url
    absolute = [
        f"{site}/d/1",
        f"{here}#reply-9",
        f"{site}/?q=1",
        f"{site}/a.html",
        f"{site}/etc",
        "https://x.example/a",
    ]
    absolute = [*absolute, f"{here}#"]
    revisions = grace.node(reply, "... on Post { revisions { nodes { bodyHtml } } }")["revisions"]["nodes"]
    assert len(revisions) == 2
    whole = [html(grace, discussion), preview(grace, body, discussion), *(each["bodyHtml"] for each in revisions)]
    for markup in whole:
        assert [link["href"] for link in links(markup)] == absolute * 2
    for post in (discussion, reply):
        (quote,) = quotes_of(grace, post, "bodyHtml")
        assert [link["href"] for link in links(quote["bodyHtml"])] == absolute
    page = people.reader.http.get(here, follow_redirects=True).text
    in_posts = [link["href"] for link in links(page) if link["href"] in absolute]
    assert in_posts == absolute * 4
    for address in (f"{here}/feed.atom", f"{parley.url}/feed.atom"):
        feed = ElementTree.fromstring(people.reader.http.get(address).text)
        shown = [entry.findtext(f"{ATOM}content") or "" for entry in feed.iter(f"{ATOM}entry")]
        hrefs = [link["href"] for markup in shown for link in links(markup)]
        assert set(absolute) <= set(hrefs)
        assert all(re.match("https?://|mailto:", href) for href in hrefs), hrefs


def test_links_follow_a_changed_public_url(parley: Parley, people: People) -> None:
    ada, _ = known(people)
    post = people("Grace").start(f"@{ada.handle} {RELATIVE}")
    moved = "https://talk.example/forum"
    other = Parley.start(**{**parley.settings, "public_url": moved})  # type: ignore[arg-type]
    try:
        query = {"query": f'{{ node(id: "{post}") {{ ... on Post {{ bodyHtml }} }} }}'}
        markup = people.reader.http.post(f"{other.url}/graphql", json=query).json()["data"]["node"]["bodyHtml"]
    finally:
        other.stop()
    assert markup == html(people.reader, post).replace(parley.url, moved)
    assert moved in markup


def test_an_erased_user_is_linked_nowhere(parley: Parley, people: People) -> None:
    ada, user = known(people)
    grace = people("Grace")
    discussion = grace.start(f"@{ada.handle} and *@{ada.name}*")
    reply = grace.reply(discussion, f"Ask @{ada.handle}.")
    grace.edit(reply, f"Ask @{ada.handle} and @{grace.handle}.")
    # A name that is somebody else's by now stays, without the link.
    ambiguous = grace.reply(discussion, f"Ask @{ada.name} Longer.")
    assert links(html(grace, ambiguous))[0]["data-user-id"] == user
    token = signed(claims(f"longer-{ada.handle[-8:]}", name=f"{ada.name} Longer"))
    Person(people.reader.http, token).ask("{ viewer { user { id } } }")
    told("erase", "--handle", ada.handle, "--yes", **parley.settings)
    revisions = grace.node(reply, "... on Post { revisions { nodes { bodyHtml } } }")["revisions"]["nodes"]
    everything = [html(grace, discussion), html(grace, ambiguous), *(each["bodyHtml"] for each in revisions)]
    assert f"@{ada.name} Longer" in everything[1]
    assert not [markup for markup in everything if ada.handle in markup or f'"{user}"' in markup]
    assert [link["class"] for link in links("".join(everything))] == ["mention", "mention"]
