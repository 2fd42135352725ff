"""Saved pages of a Ning discussion: the tree by its depth marks, over several pages, beside an archive, and broken."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from importers.ning.archive import Finding, NingDiscussion
from importers.ning.page import moment, read_page
from importers.ning.pages import read_archives
from tests.importers.ning_pages import Shown, page
from tests.support.backends import Backend
from tests.support.servers import Parley, run

THREAD = (
    Shown(11, 0, "Ola Nord", "May 1, 2010 at 9:00am", "<p>I have two hives.</p>"),
    Shown(13, 1, "Ida &Aring;s".replace("&Aring;", "Å"), "May 1, 2010 at 9:30am", "Two<br />of them? <div>Really"),
    Shown(14, 2, "Ola Nord", "May 1, 2010 at 12:05pm", None),
    Shown(15, 3, "Guest", "May 2, 2010 at 12:10am", "<p>Why was it deleted?</p>"),
    Shown(12, 0, "Guest", "May 1, 2010 at 9:10am", "<p>I have <i>none</i> &lt;yet&gt;.</p>"),
)


def read(folder: Path) -> tuple[list[NingDiscussion], list[Finding]]:
    findings: list[Finding] = []
    discussions: list[NingDiscussion] = []
    for archive in read_archives(folder):
        list(archive.members(findings.append))
        discussions += archive.discussions(findings.append)
    return discussions, findings


def tree(discussion: NingDiscussion) -> list[tuple[str, str | None]]:
    return [
        (comment.id.rpartition(":")[2], comment.answers and comment.answers.rpartition(":")[2])
        for comment in discussion.comments
    ]


def test_a_page_is_read_with_its_tree(tmp_path: Path) -> None:
    (tmp_path / "bees.html").write_text(page(*THREAD))
    (discussion,), findings = read(tmp_path)
    assert findings == []
    assert (discussion.id, discussion.title) == ("77:Topic:1", "Bees on the roof & below")
    assert (discussion.author_key, discussion.category) == ("ida", "City animals")
    assert discussion.created_at.isoformat() == "2010-05-01T08:00:00+00:00"
    assert "<p>Who keeps <b>bees</b> on a roof?</p><div>I do.</div>" in discussion.body_html
    assert "own words" not in discussion.body_html
    assert "Views" not in discussion.body_html
    assert discussion.is_threaded
    # Oldest first, each after what it answers.
    assert tree(discussion) == [("11", None), ("12", None), ("13", "11"), ("14", "13"), ("15", "14")]
    assert [comment.author_key for comment in discussion.comments] == ["ola", "guest", "ida", "ola", "guest"]
    assert [comment.is_deleted for comment in discussion.comments] == [False, False, False, True, False]
    assert discussion.comments[4].created_at.isoformat() == "2010-05-02T00:10:00+00:00"
    assert "Two<br />of them? <div>Really" in discussion.comments[2].body_html


def test_a_discussion_is_read_across_its_pages(tmp_path: Path) -> None:
    again = Shown(12, 0, "Guest", "May 1, 2010 at 9:10am")
    (tmp_path / "b.html").write_text(page(again, Shown(16, 1, "Ida", "May 3, 2010 at 1:00pm"), number=10))
    (tmp_path / "a.htm").write_text(page(Shown(15, 2, "Guest", "May 2, 2010 at 1:00pm"), again, number=2))
    (tmp_path / "c.html").write_text(page(*THREAD[:2]))
    (discussion,), findings = read(tmp_path)
    assert findings == []
    assert tree(discussion) == [("11", None), ("12", None), ("13", "11"), ("15", "13"), ("16", "12")]


def test_what_a_page_lacks_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    odd = (
        Shown(11, 0, "Ola", "5 hours ago"),
        Shown(12, 3, "Ola", "May 1, 2010 at 9:10am", named=False),
        Shown(13, 1, "Ida", "February 31, 2010 at 9:00am"),
        Shown(14, 1, "Ida", "May 1, 2009 at 9:00am"),
    )
    (tmp_path / "odd.html").write_text(page(*odd, of=""))
    (tmp_path / "empty.html").write_text("<html><h1>Nothing</h1>")
    discussions, findings = read(tmp_path)
    (discussion,) = discussions
    assert len(discussion.comments) == 4
    assert [comment.answers for comment in discussion.comments][1:] == [discussion.comments[0].id] * 3
    moments = [comment.created_at for comment in discussion.comments]
    assert moments == sorted(moments)
    told = [str(finding) for finding in findings]
    for words in (
        "shows no discussion",
        "has no id of its discussion",
        "reply has no id",
        "marked i3",
        "reply's date can't be read",
    ):
        assert any(words in sentence for sentence in told), (words, told)
    assert all(sentence.startswith(("odd.html, line ", "empty.html, line ")) for sentence in told)
    # The same names are made again, or a second import would add them once more.
    assert read(tmp_path)[0] == discussions


@pytest.mark.parametrize("cut", range(0, 6000, 97))
def test_a_page_that_is_cut_off_anywhere_is_read_as_far_as_it_goes(cut: int) -> None:
    whole = page(*THREAD)
    found = read_page(whole[:cut])
    if found is not None:
        assert [reply.depth for reply in found.replies] == [0, 1, 2, 3, 0][: len(found.replies)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("on May 1, 2010 at 8:00am in", "2010-05-01T08:00:00+00:00"),
        ("on 1 December 2010 at 12:30", "2010-12-01T12:30:00+00:00"),
        ("Sept. 3, 2010 at 12:05AM", "2010-09-03T00:05:00+00:00"),
        ("2010-05-01T08:00:00+02:00", "2010-05-01T06:00:00+00:00"),
        ("May 2010", None),
        ("Smarch 3, 2010 at 1:00pm", None),
        ("May 1, 2010 at 27:00", None),
    ],
)
def test_a_date_is_read_as_pages_write_it(written: str, meant: str | None) -> None:
    found = moment(written)
    assert (found.isoformat() if found else None) == meant


def test_pages_and_their_archive_are_imported_as_one_and_once(backend: Backend, tmp_path: Path) -> None:
    url = backend.migrated_database()
    (tmp_path / "bees.html").write_text(page(*THREAD))
    comments = [
        {"id": f"77:Comment:{number}", "contributorName": "ola", "description": "From the archive.",
         "createdDate": f"2010-05-0{number - 10}T10:00:00.000Z", "fileAttachments": []}
        for number in (17, 11)
    ]  # fmt: skip
    topic = {
        "id": "77:Topic:1", "title": "Bees on the roof &amp; below", "description": "Who?", "contributorName": "ida",
        "createdDate": "2010-05-01T08:00:00.000Z", "comments": comments,
    }  # fmt: skip
    (tmp_path / "ning-discussions-local.json").write_text(json.dumps([topic]))
    first = run("import-ning", str(tmp_path), database_url=url)
    assert first.returncode == 0, first.stderr
    assert "1 discussions, 5 replies" in first.stderr
    assert "0 discussions, 1 replies" in first.stderr
    again = run("import-ning", str(tmp_path), database_url=url)
    assert again.stderr.count("Imported 0 people, 0 discussions, 0 replies and 0 quotes;") == 2
    parley = Parley.start(database_url=url, folder=tmp_path)
    try:
        query = """{ discussions(first: 5) { nodes { title author { name } category { name }
            thread(first: 20) { nodes { depth state bodyText createdAt author { name } } } } } }"""
        answer: dict[str, Any] = httpx2.post(f"{parley.url}/graphql", json={"query": query}).json()
    finally:
        parley.stop()
    assert "errors" not in answer, answer
    (discussion,) = answer["data"]["discussions"]["nodes"]
    assert (discussion["title"], discussion["author"]["name"]) == ("Bees on the roof & below", "Ida Ås")
    assert discussion["category"]["name"] == "City animals"
    shown = [(reply["depth"], reply["state"], reply["bodyText"]) for reply in discussion["thread"]["nodes"]]
    assert shown == [
        (0, "VISIBLE", "I have two hives."),
        (1, "VISIBLE", "Two\nof them?\n\nReally"),
        (2, "DELETED", ""),
        (3, "VISIBLE", "Why was it deleted?"),
        (0, "VISIBLE", "I have none <yet>."),
        (0, "VISIBLE", "From the archive."),
    ]
    assert discussion["thread"]["nodes"][3]["createdAt"].startswith("2010-05-02T00:10")
