"""Pages, feeds and files over HTTP, as a browser gets them before scripts run."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.http import People, people_of
from tests.support.servers import JWT_SECRET, ROOT, Parley, PostgreSQL

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def people(parley: Parley) -> Iterator[People]:
    with people_of(parley) as made:
        yield made


def number(discussion: str) -> int:
    return int(discussion.removeprefix("D_"))


def test_a_thread_page_has_text_and_metadata_without_scripts(people: People, parley: Parley) -> None:
    ada = people()
    discussion = ada.start('Words <b>to</b> "begin" with.', 'A <title> & "more"')
    ada.reply(discussion, "| a |\n|--:|\n| right |")
    moved = people.http.get(f"/d/{number(discussion)}")
    assert moved.status_code == 307
    page = people.http.get(moved.headers["Location"])
    assert page.status_code == 200
    assert '<meta property="og:title" content="A &lt;title&gt; &amp; &#34;more&#34;">' in page.text
    assert f'<link rel="canonical" href="{parley.url}{moved.headers["Location"]}">' in page.text
    assert '<article id="reply-1"' in page.text and 'class="align-right"' in page.text
    assert " style=" not in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert (
        people.http.get(moved.headers["Location"], headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    )


def test_missing_pages_have_status_404_or_410(people: People) -> None:
    mo = people("Mo", moderator=True)
    discussion = mo.start()
    mo.write("deleteDiscussion", discussionId=discussion)
    asked = [
        f"/d/{number(discussion)}/x",
        "/d/999999999/x",
        f"/d/{10**30}/x",
        "/d/999999999/feed.atom",
        "/assets/x/y.js",
    ]
    assert [people.http.get(path).status_code for path in asked] == [410, 404, 404, 404, 404]


def test_pages_have_status_503_while_the_database_is_down(tmp_path: Path) -> None:
    database = PostgreSQL.start(tmp_path, durable=True)
    server = Parley.start(database_url=database.new_database(), folder=tmp_path, jwt_secret=JWT_SECRET)
    try:
        with people_of(server) as people:
            discussion = people().start()
            path = people.http.get(f"/d/{number(discussion)}").headers["Location"]
            database.kill()
            asked = ["/", path, f"/d/{number(discussion)}/feed.atom"]
            assert [people.http.get(each).status_code for each in asked] == [503, 503, 503]
            # The page still loads its scripts, which try again.
            assert "bundle/app.js" in people.http.get(path).text
            database.restart()
            assert people.http.get(path).status_code == 200
    finally:
        server.stop()
        database.stop()


def test_feeds_are_valid_atom_and_cacheable(people: People) -> None:
    ada = people()
    discussion = ada.start("Opening \x0c words & <more>.", "A title")
    ada.reply(discussion, "A reply.")
    deleted = ada.reply(discussion, "A secret.")
    ada.delete(deleted)
    for path in ("/feed.atom", f"/d/{number(discussion)}/feed.atom"):
        answer = people.http.get(path)
        assert answer.headers["Content-Type"].startswith("application/atom+xml")
        feed = ElementTree.fromstring(answer.content)
        assert feed.tag == f"{ATOM}feed"
        for entry in [feed, *feed.iter(f"{ATOM}entry")]:
            assert all(entry.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
        ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
        assert len(set(ids)) == len(ids) >= 2
        assert "A secret." not in answer.text
        assert people.http.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_files_are_immutable_under_their_version(people: People) -> None:
    front = people.http.get("/")
    script = re.search(r'src="(/assets/[0-9a-f]+/bundle/app\.js)"', front.text)
    assert script
    kept = people.http.get(script[1])
    assert kept.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in kept.headers["Cache-Control"] and kept.headers["Content-Encoding"] == "gzip"
    other = people.http.get(re.sub("/assets/[0-9a-f]+/", "/assets/0/", script[1]))
    assert other.content == kept.content and other.headers["Cache-Control"] == "no-cache"
    assert people.http.get(script[1].replace("app.js", "..%2f..%2fserver.py")).status_code == 404


def test_vendored_files_match_their_listed_hashes() -> None:
    vendor = ROOT / "web" / "vendor"
    listed = {
        file["to"]: file["sha256"]
        for package in tomllib.loads((vendor / "vendored.toml").read_text())["package"]
        for file in package["file"]
    }
    there = {
        path.relative_to(vendor).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "vendored.toml"
    }
    assert there == listed
    assert all(Path(name).suffix in {".js", ".mjs", ".css", ".txt"} for name in there)
