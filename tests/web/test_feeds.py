"""Feeds and their archives have every post that can be read exactly once (RFC 5005)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from xml.etree import ElementTree

import asyncpg
import pytest

from db import tables
from tests.support.http import People, people_of
from tests.support.servers import Parley
from web.atom import BLOCK, MAX_BYTES, of_document, until_of_previous
from web.source import FeedPost

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"


@pytest.fixture(scope="module")
def people(parley: Parley) -> Iterator[People]:
    with people_of(parley) as made:
        yield made


def links(feed: ElementTree.Element) -> dict[str, str]:
    return {link.get("rel", ""): link.get("href", "") for link in feed.findall(f"{ATOM}link")}


def walk(people: People, path: str) -> list[tuple[str, ElementTree.Element]]:
    """The documents from the feed's to its first archive, with their addresses."""
    documents = []
    here: str | None = path
    while here is not None:
        answer = people.http.get(here)
        assert answer.status_code == 200
        assert len(answer.content) < MAX_BYTES + 20_000
        feed = ElementTree.fromstring(answer.content)
        found = links(feed)
        assert found["self"].endswith(here)
        is_archive = here != path
        assert (feed.find(f"{HISTORY}archive") is not None) == is_archive
        assert (urlsplit(found["current"]).path == path) if is_archive else ("current" not in found)
        documents.append((here, feed))
        previous = found.get("prev-archive")
        here = None if previous is None else previous.removeprefix(people.http.base_url.__str__().rstrip("/"))
        assert here not in [address for address, _ in documents]
    return documents


def entries(documents: list[tuple[str, ElementTree.Element]]) -> list[str]:
    """What leads to the page of each entry: discussion and number, as in "12/3"."""
    found = [entry.findtext(f"{ATOM}id") or "" for _, feed in documents for entry in feed.iter(f"{ATOM}entry")]
    return [text.partition("discussion-")[2].replace("reply-", "") for text in found]


def test_a_discussion_of_120_replies_is_in_its_feed_and_archives_once(people: People) -> None:
    ada = people("Ada")
    discussion = ada.start()
    replies = [ada.reply(discussion, f"Reply {number}.") for number in range(1, 121)]
    ada.delete(replies[6])
    number = discussion.removeprefix("D_")
    documents = walk(people, f"/d/{number}/feed.atom")
    assert [address.partition("?")[2] for address, _ in documents] == ["", "until=50"]
    expected = [f"{number}/{sequence}" for sequence in range(120, -1, -1) if sequence != 7]
    assert entries(documents) == expected

    # An archive stays as it is, while the feed goes on.
    archive = people.http.get(documents[1][0])
    for more in range(40):
        ada.reply(discussion, f"One more, {more}.")
    assert entries(walk(people, f"/d/{number}/feed.atom")[-1:]) == entries(documents[1:])
    now = walk(people, f"/d/{number}/feed.atom")
    assert [address.partition("?")[2] for address, _ in now] == ["", "until=100", "until=50"]
    assert len(entries(now)) == len(set(entries(now))) == 160
    again = people.http.get(documents[1][0])
    assert entries([("", ElementTree.fromstring(again.content))]) == entries(
        [("", ElementTree.fromstring(archive.content))]
    )


def test_the_feed_of_the_site_has_every_post_of_discussions_written_at_once(people: People) -> None:
    writers = [people(f"Writer {number}") for number in range(15)]

    def write(at: int) -> list[str]:
        discussion = writers[at].start(f"Opening {at}.", f"At once {at}")
        for number in range(12):
            writers[at].reply(discussion, f"Reply {number}.")
        return [f"{discussion.removeprefix('D_')}/{sequence}" for sequence in range(13)]

    with ThreadPoolExecutor(5) as pool:
        written = [post for posts in pool.map(write, range(15)) for post in posts]
    documents = walk(people, "/feed.atom")
    found = entries(documents)
    assert len(found) == len(set(found))
    assert set(written) <= set(found)
    # The newest are in the feed itself, which has 50 posts or more.
    assert BLOCK <= len(entries(documents[:1])) < 2 * BLOCK


def test_a_reader_who_polls_misses_nothing_between_two_polls(people: People) -> None:
    ada = people("Ada")
    discussion = ada.start()
    number = discussion.removeprefix("D_")
    path = f"/d/{number}/feed.atom"
    known: set[str] = set()
    for posts in (1, 70, 3, 180):
        for _ in range(posts):
            ada.reply(discussion)
        here: str | None = path
        read = set[str]()
        # As RFC 5005 says: back to the first archive that is known.
        while here is not None and here not in known:
            feed = ElementTree.fromstring(people.http.get(here).content)
            read |= set(entries([("", feed)]))
            if here != path:
                known.add(here)
            previous = links(feed).get("prev-archive")
            here = None if previous is None else f"{path}?{urlsplit(previous).query}"
        known |= read
    assert {f"{number}/{sequence}" for sequence in range(255)} <= known


def test_posts_too_large_for_one_document_are_in_archives_whole(people: People) -> None:
    ada = people("Ada")
    discussion = ada.start("&" * 100_000, "A long one")
    for number in range(9):
        ada.reply(discussion, "&" * 39_990 if number % 2 == 0 else f"Reply {number}.")
    opening = discussion.removeprefix("D_")
    documents = walk(people, f"/d/{opening}/feed.atom")
    assert len(documents) > 1
    assert entries(documents) == [f"{opening}/{sequence}" for sequence in range(9, -1, -1)]
    texts = [entry.findtext(f"{ATOM}content") or "" for _, feed in documents for entry in feed.iter(f"{ATOM}entry")]
    assert [text.count("&amp;") for text in texts] == [39_990, 0] * 4 + [39_990, 100_000]
    site = walk(people, "/feed.atom")
    assert len(entries(site)) == len(set(entries(site)))
    assert set(entries(documents)) <= set(entries(site))


async def write_copies(connection: asyncpg.Connection, post: str, *, after: int, count: int) -> list[int]:
    """Adds copies of a reply as it is, numbered after `after`, in the connection's transaction. Returns their ids."""
    copied = [column.name for column in tables.posts.c if column.name not in ("id", "sequence")]
    rows = await connection.fetch(
        f"INSERT INTO posts (sequence, {', '.join(copied)})"
        f" SELECT $2::bigint + more, {', '.join(f'posts.{name}' for name in copied)}"
        " FROM posts, generate_series(1, $3::bigint) more WHERE id = $1 RETURNING id",
        int(post.removeprefix("R_")),
        after,
        count,
    )
    ids = [row["id"] for row in rows]
    counts = "INSERT INTO reply_counts (discussion_id, sequence) SELECT discussion_id, sequence FROM posts"
    await connection.execute(f"{counts} WHERE id = ANY($1)", ids)
    return ids


@pytest.mark.anyio
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_an_archive_waits_for_a_transaction_that_may_add_to_it(people: People, parley: Parley) -> None:
    ada = people("Ada")
    replies = [ada.reply(ada.start()) for _ in range(2)]
    url = str(parley.settings["database_url"])
    early, late = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        await early.execute("BEGIN")
        await early.execute("SELECT pg_current_xact_id()")
        # The later transaction takes the lower id, and ends last: only the early one's has been seen to end.
        await late.execute("BEGIN")
        await late.execute("SELECT pg_current_xact_id()")
        (between,) = await write_copies(late, replies[0], after=1_000, count=1)
        newest = max(await write_copies(early, replies[1], after=1_000, count=3 * BLOCK))
        await early.execute("COMMIT")
        until = -(-between // BLOCK) * BLOCK
        assert between <= until <= newest
        archive = f"/feed.atom?until={until}"
        assert people.http.get(archive).status_code == 503
        assert people.http.get("/feed.atom").status_code == 200
        # A transaction that writes no posts keeps no archive waiting, here or in another database of the server.
        await early.execute("BEGIN")
        await early.execute("SELECT pg_current_xact_id()")
        await late.execute("COMMIT")
        settled = people.http.get(archive)
        assert settled.status_code == 200
        number = ada.node(replies[0], "... on Reply { discussion { number } }")["discussion"]["number"]
        assert f"{number}/1001" in entries([("", ElementTree.fromstring(settled.content))])
        # What is not complete yet is no archive.
        assert people.http.get(f"/feed.atom?until={newest + 1}").status_code == 404
    finally:
        await early.close()
        await late.close()


@pytest.mark.parametrize("until", ["x", "-1", "1.5", "", "01", "٣", "²", "9" * 18, "9" * 19, "9" * 5_000])
def test_an_archive_that_no_feed_has_is_not_found(people: People, until: str) -> None:
    number = people("Ada").start().removeprefix("D_")
    for path in ("/feed.atom", f"/d/{number}/feed.atom", "/d/999999/feed.atom"):
        assert people.http.get(path, params={"until": until}).status_code == 404


@pytest.mark.parametrize("deleted", [set(), {3}, set(range(1, 400))])
@pytest.mark.parametrize("size", [10, 30_000, MAX_BYTES, 3 * MAX_BYTES])
def test_documents_of_any_size_take_every_key_once(size: int, deleted: set[int]) -> None:
    # Keys have holes where a transaction was rolled back.
    keys = [key for key in range(330, -1, -1) if key % 7 and not 120 <= key < 210] + [0]
    posts = [FeedPost(key, f"R_{key}", size, key in deleted, False, "") for key in keys]
    seen, until, addresses = [], None, []
    while True:
        listed = [post for post in posts if until is None or post.key <= until][: 2 * BLOCK]
        part = of_document(listed, until)
        assert part
        assert sum(post.size for post in part if not post.deleted) <= max(MAX_BYTES, size)
        seen += [post.key for post in part]
        until = until_of_previous(listed, len(part))
        if until is None:
            break
        addresses.append(until)
    assert seen == keys
    if size == 10:
        # Whole blocks, whose addresses do not change when posts are added.
        assert addresses == [250, 150, 100, 50]
