"""A Ning community is imported by the command line, and is read over GraphQL."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.backends import Backend
from tests.support.servers import Parley, run

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = ROOT.parent / "shared" / "data" / "ning"

PAGE = "https://old.example.org/forum/topics/bees-on-the-roof"


def comment(number: int, author: str | None, html: str, hour: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"77:Comment:{number}",
        "contributorName": author,
        "description": html,
        "createdDate": f"2010-05-01T{hour:02}:00:00.000Z",
        "fileAttachments": [],
        **more,
    }


TOPIC = {
    "id": "77:Topic:1",
    "title": "Bees on the roof &amp; below",
    "description": "<p>Who keeps <b>bees</b> on a roof?</p>",
    "contributorName": "ida",
    "createdDate": "2010-05-01T08:00:00.000Z",
    "updatedDate": "2010-05-01T20:00:00.000Z",
    "category": "City animals",
    "fileAttachments": ["attachments/roof.jpg"],
    # Newest first, as Ning writes them.
    "comments": [
        comment(
            14,
            "nobody-we-know",
            "<cite>Ola Nord said:</cite><blockquote><div><p>I have two hives. }{ They like it.</p>"
            "<cite>Ida said:</cite><blockquote><div><p>Who keeps bees on a roof?</p></div></blockquote>"
            "</div></blockquote><p>Both at once, then.</p>",
            14,
        ),
        comment(13, "ola", "<cite>Somebody said:</cite><blockquote><p>never written</p></blockquote><p>Hm.</p>", 13),
        comment(
            12,
            "ida",
            f'<cite>Ola Nord said:</cite><blockquote cite="{PAGE}?commentId=77:Comment:11#77Comment11">'
            "<div><p>I have two hives. }{ They like it.</p></div></blockquote><p>Two!</p>",
            12,
        ),
        comment(
            11,
            "ola",
            "<p>I have two hives. }{ They like it.</p>"
            "<cite>Ida said:</cite><blockquote><p>Who keeps bees on a roof?</p></blockquote>",
            11,
            fileAttachments=["attachments/hive.png"],
        ),
    ],
}
OLDER = {**TOPIC, "id": "77:Topic:0", "title": "Older", "createdDate": "2010-04-01T08:00:00.000Z", "comments": []}
MEMBERS = [
    {"contributorName": "ida", "fullName": "Ida", "email": "ida@example.org", "createdDate": "2010-01-01T08:00:00Z"},
    {"contributorName": "uwe", "fullName": "Uwe", "createdDate": "2010-01-03T08:00:00Z", "state": "suspended"},
    {"contributorName": "ola", "fullName": "Ola Nord", "createdDate": "2010-01-02T08:00:00.000Z", "level": "admin"},
]


def archive(folder: Path, discussions: str, members: str) -> Path:
    folder.mkdir()
    (folder / "ning-discussions-local.json").write_text(discussions, encoding="utf-8")
    (folder / "ning-members-local.json").write_text(members, encoding="utf-8")
    return folder


def whole(folder: Path) -> Path:
    return archive(folder, json.dumps([TOPIC, OLDER]), json.dumps(MEMBERS))


def broken(folder: Path) -> Path:
    """The same archive, broken as Ning breaks them, with one comment that can't be read."""
    first = json.dumps(TOPIC).replace("}, {", "}{").replace('"77:Comment:13"', "oops here")
    discussions = f"([{first}}}]{{{json.dumps(OLDER)}]])"
    return archive(folder, discussions, f"({json.dumps(MEMBERS).replace('}, {', '}{')}]")


def import_ning(folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    done = run("import-ning", str(folder), database_url=url)
    assert done.returncode == 0, done.stderr
    return done


READ = """query ($url: String) { discussion(legacyUrl: $url) {
  number title author { name handle } category { slug } createdAt lastActivityAt replyCount participantCount
  thread(first: 100) { nodes {
    sequence path createdAt legacyUrl bodyText author { name handle }
    quotes(maxDepth: 9) { depth attributedName status bodyText source { __typename ... on Reply { sequence } } }
  } } } }"""


@pytest.fixture
def served(backend: Backend, tmp_path: Path) -> Iterator[tuple[str, Any]]:
    """The URL of a fresh database, and a function that reads it over HTTP from a server of its own."""
    url = backend.new_database()
    servers: list[Parley] = []

    def read(query: str, **variables: Any) -> Any:
        if not servers:
            servers.append(Parley.start(database_url=url, folder=tmp_path))
        answer = httpx2.post(f"{servers[0].url}/graphql", json={"query": query, "variables": variables}).json()
        assert "errors" not in answer, answer
        return answer["data"]

    yield url, read
    for server in servers:
        server.stop()


def test_an_archive_is_imported_with_people_tree_and_quotes(served: Any, tmp_path: Path) -> None:
    url, read = served
    summary = import_ning(whole(tmp_path / "ning"), url).stderr
    discussion = read(READ, url="77:Topic:1")["discussion"]
    assert discussion["title"] == "Bees on the roof & below"
    # The archive is newest first, and numbers are given as things came about.
    assert discussion["number"] == 2
    assert discussion["author"] == {"name": "Ida", "handle": "ida"}
    assert discussion["category"] == {"slug": "city-animals"}
    assert discussion["createdAt"] == "2010-05-01T08:00:00Z"
    assert discussion["lastActivityAt"] == "2010-05-01T14:00:00Z"
    replies = {reply["sequence"]: reply for reply in discussion["thread"]["nodes"]}
    assert {sequence: reply["path"] for sequence, reply in replies.items()} == {1: [1], 2: [1, 2], 3: [3], 4: [1, 4]}
    assert replies[1]["bodyText"].startswith("I have two hives. }{ They like it.\n")
    assert replies[2]["quotes"] == [
        {
            "depth": 0,
            "attributedName": "Ola Nord",
            "status": "VERBATIM",
            "bodyText": "I have two hives. }{ They like it.",
            "source": {"__typename": "Reply", "sequence": 1},
        }
    ]
    assert [(quote["status"], quote["source"]) for quote in replies[3]["quotes"]] == [("UNRESOLVED", None)]
    by_name, nested = replies[4]["quotes"]
    assert (by_name["status"], by_name["source"]["sequence"]) == ("VERBATIM", 1)
    assert (nested["depth"], nested["attributedName"], nested["status"]) == (1, "Ida", "VERBATIM")
    assert nested["source"] == {"__typename": "Discussion"}
    assert replies[4]["author"]["handle"] == "nobody-we-know"
    for told in ("nobody-we-know", "77:Comment:13: Somebody", "attachments/roof.jpg", "attachments/hive.png"):
        assert told in summary


def test_who_was_suspended_there_is_suspended_here(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    import_ning(whole(tmp_path / "ning"), url)
    server = Parley.start(database_url=url, folder=tmp_path)
    try:
        answers = [
            httpx2.post(
                f"{server.url}/graphql",
                json={"query": "{ viewer { suspension { reason } } }"},
                headers={"Authorization": f"Bearer {server.token(handle)}"},
            )
            for handle in ("ida", "uwe")
        ]
    finally:
        server.stop()
    suspensions = [answer.json()["data"]["viewer"]["suspension"] for answer in answers]
    assert suspensions == [None, {"reason": None}]


def test_people_whose_names_look_alike_keep_them(served: Any, tmp_path: Path) -> None:
    url, read = served
    twins = [
        {"contributorName": "ide", "fullName": "Ida Lund", "createdDate": "2010-01-04T08:00:00Z"},
        {"contributorName": "lde", "fullName": "lda Lund", "createdDate": "2010-01-05T08:00:00Z"},
        {"contributorName": "1de", "fullName": "Ida Lund", "createdDate": "2010-01-06T08:00:00Z"},
    ]
    summary = import_ning(archive(tmp_path / "ning", json.dumps([TOPIC]), json.dumps(MEMBERS + twins)), url).stderr
    assert "People whose names look like another's, kept as they are (2):" in summary
    assert "lda Lund looks like Ida Lund (@ide)" in summary
    for handle, name in (("ide", "Ida Lund"), ("lde", "lda Lund"), ("1de-2", "Ida Lund")):
        found = read("query ($handle: String!) { user(handle: $handle) { name } }", handle=handle)
        assert found == {"user": {"name": name}}


def test_second_import_adds_only_what_is_new(served: Any, tmp_path: Path) -> None:
    url, read = served
    earlier = {**TOPIC, "comments": TOPIC["comments"][2:]}
    import_ning(archive(tmp_path / "earlier", json.dumps([earlier]), json.dumps(MEMBERS)), url)
    import_ning(whole(tmp_path / "ning"), url)
    before = read(READ, url="77:Topic:1")
    again = import_ning(tmp_path / "ning", url)
    assert "0 discussions, 0 replies" in again.stderr
    assert read(READ, url="77:Topic:1") == before
    assert before["discussion"]["replyCount"] == 4


def test_a_broken_archive_imports_whole_and_says_what_it_could_not_read(served: Any, tmp_path: Path) -> None:
    url, read = served
    summary = import_ning(broken(tmp_path / "ning"), url).stderr
    replies = read(READ, url="77:Topic:1")["discussion"]["thread"]["nodes"]
    assert [reply["legacyUrl"] for reply in replies] == [f"/xn/detail/77:Comment:{number}" for number in (11, 12, 14)]
    assert read(READ, url="77:Topic:0")["discussion"]["title"] == "Older"
    assert "ning-discussions-local.json, line 1" in summary


@pytest.mark.parametrize(
    "link",
    [
        "77:Comment:12",
        "77%3AComment%3A12",
        "/xn/detail/77:Comment:12",
        "https://old.example.org/xn/detail/77%3AComment%3A12",
        f"{PAGE}?commentId=77%3AComment%3A12&xg_source=activity",
        f"{PAGE}#77Comment12",
    ],
)
def test_an_old_address_leads_to_its_post(link: str, imported: Any) -> None:
    post = imported("query ($url: String!) { post(legacyUrl: $url) { __typename url } }", url=link)["post"]
    assert post["__typename"] == "Reply"
    assert post["url"].endswith("#reply-2")


@pytest.mark.parametrize("link", [PAGE.replace("roof", "roof-below"), "/xn/detail/77:Topic:1"])
def test_an_old_address_of_a_discussion_leads_to_it(link: str, imported: Any) -> None:
    query = "query ($url: String!) { discussion(legacyUrl: $url) { number } post(legacyUrl: $url) { __typename } }"
    assert imported(query, url=link) == {"discussion": {"number": 2}, "post": {"__typename": "Discussion"}}


@pytest.mark.parametrize("link", ["", "https://old.example.org/", "77:Comment:99", "%%%", "javascript:alert(1)"])
def test_an_address_that_names_nothing_gives_null(link: str, imported: Any) -> None:
    query = "query ($url: String!) { discussion(legacyUrl: $url) { number } post(legacyUrl: $url) { __typename } }"
    assert imported(query, url=link) == {"discussion": None, "post": None}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A function that reads a server of the imported archive."""
    folder = tmp_path_factory.mktemp("imported")
    url = f"sqlite:///{folder / 'parley.db'}"
    import_ning(whole(folder / "ning"), url)
    server = Parley.start(database_url=url, folder=folder)

    def read(query: str, **variables: Any) -> Any:
        answer = httpx2.post(f"{server.url}/graphql", json={"query": query, "variables": variables}).json()
        assert "errors" not in answer, answer
        return answer["data"]

    yield read
    server.stop()


def test_a_folder_without_an_archive_is_refused_with_one_line(tmp_path: Path) -> None:
    ended = run("import-ning", str(tmp_path), database_url=f"sqlite:///{tmp_path / 'x.db'}")
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert "ning-discussions" in line


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real archive is not on this machine")
def test_the_real_archive_is_served_with_its_quotes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    import_ning(SHARED, url)
    server = Parley.start(database_url=url, folder=tmp_path)
    try:
        variables = {"url": "502551:Topic:999"}
        answer = httpx2.post(f"{server.url}/graphql", json={"query": READ, "variables": variables}).json()
    finally:
        server.stop()
    replies = answer["data"]["discussion"]["thread"]["nodes"]
    assert len(replies) == 12
    quotes = [quote for reply in replies for quote in reply["quotes"]]
    assert [quote["attributedName"] for quote in quotes] == [
        "Maureen Sharib",
        "Steve Levy",
        "Maureen Sharib",
        "Recruiting Animal",
    ]
    assert [quote["status"] for quote in quotes] == ["UNRESOLVED", "VERBATIM", "UNRESOLVED", "UNRESOLVED"]
