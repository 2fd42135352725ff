"""A Ning archive: its files are found, its records read, and nothing in it is lost in silence."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from importers.ning import archive, html
from importers.ning.archive import Archive, ArchiveNotFoundError, Finding, NingDiscussion, NingMember
from importers.ning.tolerant_json import TextPosition
from text import legacy, markdown, said

BAD_DATES: list[Any] = ["", "0000-00-00T00:00:00Z", "soon", None, True, 10**400, {}, "0001-01-01T00:00+12:00"]
REAL = Path(__file__).parents[2].parent / "shared" / "data" / "ning"

OWN_MEMBERS = """([{"contributorName": "ada1", "fullName": "Ada O&#39;Hara", "email": "ada@example.org", "level":
 "Owner", "createdDate": "2010-02-03T04:05:06Z", "state": "active", "profilePhoto": "members/ada.png?w=48",
"profileQuestions": {"Where?": "Here"}}{"contributorName": 17, "fullName": null, "email": "", "createdDate": "soon",
"state": "Left"}]{"fullName": "Nobody"}]])"""

OWN_DISCUSSIONS = r"""([{"id": "1:Topic:2", "title": "Brackets &amp; braces", "description": "<p>like }{ or }]{</p>",
 "contributorName": "ada1", "createdDate": "2011-05-02T10:00:00.000Z", "updatedDate": "2011-05-03T00:00:00Z",
 "category": "Questions", "groupId": "1:Group:4", "fileAttachments": ["discussions/a.pdf?x=1", {"url": "http://a.b/c?d"}],
 "comments": [
  {"id": "1:Comment:14", "contributorName": "gone", "description": "newest", "createdDate": "2011-05-02T14:00:00+02:00"}
  {"id": "1:Comment:13", "contributorName": "ada1", "description": "no date"}]
  {"id": "1:Comment:12", "contributorName": "ada1", "description": "says "hm"", "createdDate": "2011-05-02T11:30:00Z"}[
  {"id": "1:Comment:11", "contributorName": 17, "description": null, "createdDate": "2011-05-02T11:00:00"},
  "what is this", {"contributorName": "ada1", "description": "no id"}
 ]]}{"id": "1%3ATopic%3A1", "title": null, "description": "<p>The first words of a text that goes on for quite some
 time, so that no title holds it</p>", "category": "Uncategorized", "createdDate": "2011-04-31", "comments": null}
]{"title": "no id at all", "comments": [{"id": "1:Comment:99"}]}, {"id": "1:Topic:0", "comm"""


def archive_in(folder: Path, **files: str) -> Archive:
    for subject, text in files.items():
        (folder / f"ning-{subject}.json").write_text(text, encoding="utf-8")
    return archive.read_archive(folder)


def members(of: Archive) -> tuple[list[NingMember], list[Finding]]:
    findings: list[Finding] = []
    return list(of.members(findings.append)), findings


def discussions(of: Archive) -> tuple[list[NingDiscussion], list[Finding]]:
    findings: list[Finding] = []
    return list(of.discussions(findings.append)), findings


def test_members_are_read(tmp_path: Path) -> None:
    read, findings = members(archive_in(tmp_path, members=OWN_MEMBERS, discussions="[]"))
    assert read == [
        NingMember(
            key="ada1",
            name="Ada O'Hara",
            email="ada@example.org",
            created_at=datetime(2010, 2, 3, 4, 5, 6, tzinfo=UTC),
            level="owner",
            state="active",
            photo="members/ada.png",
            questions={"Where?": "Here"},
        ),
        NingMember("17", "17", None, None, "", "left", None, {}),
    ]
    assert [str(finding) for finding in findings] == [
        "ning-members.json, line 3, column 40 (17): 'soon' is no date for createdDate.",
        "ning-members.json, line 4, column 18: A member without contributorName was left out.",
    ]


def test_an_id_that_comes_again_is_named(tmp_path: Path) -> None:
    comment = {"id": "1:Comment:1", "description": "a", "createdDate": "2011-05-02T10:00:00Z"}
    topic = {"id": "1:Topic:1", "title": "A", "description": "b", "createdDate": "2011-05-02T09:00:00Z"}
    found = [topic | {"comments": [comment, comment]}, topic | {"id": "1%3ATopic%3A1"}, topic | {"id": "1:Topic:2"}]
    read, findings = discussions(archive_in(tmp_path, discussions=json.dumps(found)))
    assert [each.id for each in read] == ["1:Topic:1", "1:Topic:1", "1:Topic:2"]
    assert [(finding.identifier, finding.message.partition(" with")[0]) for finding in findings] == [
        ("1:Comment:1", "A comment"),
        ("1:Topic:1", "A discussion"),
    ]


def test_a_broken_archive_is_read_whole(tmp_path: Path) -> None:
    read, findings = discussions(archive_in(tmp_path, discussions=OWN_DISCUSSIONS))
    two, one, none = read
    assert (two.id, two.title, two.body_html) == ("1:Topic:2", "Brackets & braces", "<p>like }{ or }]{</p>")
    assert (two.author_key, two.category, two.group_id) == ("ada1", "Questions", "1:Group:4")
    assert two.attachments == ("discussions/a.pdf", "http://a.b/c?d")
    assert two.updated_at == datetime(2011, 5, 3, tzinfo=UTC)
    assert [(each.id, each.author_key, each.body_html, each.created_at.hour) for each in two.comments] == [
        ("1:Comment:11", "17", "", 11),
        ("1:Comment:13", "ada1", "no date", 11),
        ("1:Comment:14", "gone", "newest", 12),
    ]
    assert (one.id, one.title) == ("1:Topic:1", "The first words of a text that goes on for quite some…")
    assert (one.category, one.author_key, one.comments) == (None, None, ())
    assert one.created_at == two.created_at
    assert (none.id, none.title, none.body_html) == ("1:Topic:0", "Untitled", "")
    told = [(finding.place.line, finding.identifier, finding.message) for finding in findings]
    assert (7, "1:Comment:12", 'The text of "description" does not end where it should.') in told
    assert (1, "1:Comment:12", "A comment whose text can't be read was left out.") in told
    assert (1, "1:Comment:13", "There is no date for createdDate.") in told
    assert (1, "1:Topic:2", "A comment that is no object was left out: 'what is this'.") in told
    assert (1, "1:Topic:2", "A comment without id was left out.") in told
    assert (10, "1:Topic:1", "'2011-04-31' is no date for createdDate.") in told
    assert (12, None, "A discussion without id and its 1 comments were left out.") in told
    assert any(line == 12 and key == "1:Topic:0" and "ends inside" in message for line, key, message in told)


def test_discussions_among_the_comments_come_out(tmp_path: Path) -> None:
    text = """[{"id": "1:Topic:2", "title": "a", "createdDate": "2011-01-02", "comments": [
      {"id": "1:Comment:1", "description": "x", "createdDate": "2011-01-02"},
      {"id": "1:Topic:1", "title": "b", "createdDate": "2011-01-01", "comments": []}, {"id": "1:Topic:0", "title": "c",
       "createdDate": "2010-12-31"}]"""
    read, _ = discussions(archive_in(tmp_path, discussions=text))
    assert [(each.id, len(each.comments)) for each in read] == [("1:Topic:2", 1), ("1:Topic:1", 0), ("1:Topic:0", 0)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2011-01-02T03:04:05.678Z", datetime(2011, 1, 2, 3, 4, 5, 678000, UTC)),
        ("2011-01-02T03:04:05+02:00", datetime(2011, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2011-01-02 03:04:05", datetime(2011, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (1293937445, datetime(2011, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (1293937445000, datetime(2011, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ],
)
def test_dates_are_moments_in_utc(tmp_path: Path, written: str | int, read: datetime) -> None:
    text = json.dumps([{"contributorName": "a", "createdDate": written}])
    (member,), findings = members(archive_in(tmp_path, members=text, discussions="[]"))
    assert (member.created_at, findings) == (read, [])


@pytest.mark.parametrize("written", BAD_DATES)
def test_what_is_no_date_is_told(tmp_path: Path, written: object) -> None:
    text = json.dumps([{"contributorName": "a", "createdDate": written}])
    (member,), findings = members(archive_in(tmp_path, members=text, discussions="[]"))
    assert member.created_at is None
    assert [finding.identifier for finding in findings] == ["a"]


def test_odd_types_are_no_end(tmp_path: Path) -> None:
    odd: list[Any] = [None, True, 1, 2.5, "x", [], [1], {}, {"a": 1}, [[["deep"]]]]
    names = (
        "title",
        "description",
        "contributorName",
        "updatedDate",
        "category",
        "groupId",
        "fileAttachments",
        "comments",
    )
    records = [
        {"id": f"1:Topic:{number}", name: value}
        for number, (name, value) in enumerate((n, o) for n in names for o in odd)
    ]
    read, _ = discussions(archive_in(tmp_path, discussions=json.dumps(records), members=json.dumps(odd)))
    assert len(read) == len(records)
    assert all(each.title for each in read)


def test_deep_comments_are_no_end(tmp_path: Path) -> None:
    depth = 300
    text = '{"id": "1:Topic:1", "comments": ' + "[" * depth + "]" * depth + "}"
    nested = '{"id": "1:Topic:2", "comments": [' * depth + "]}" * depth
    read, _ = discussions(archive_in(tmp_path, discussions=f"[{text},{nested}]"))
    assert read[0].id == "1:Topic:1"


def test_the_local_file_counts_whatever_its_case(tmp_path: Path) -> None:
    (tmp_path / "ning-discussions.json").write_text("[]")
    (tmp_path / "Ning-Discussions-LOCAL.json").write_text('[{"id": "1:Topic:1"}]')
    read, _ = discussions(archive.read_archive(tmp_path))
    assert [each.id for each in read] == ["1:Topic:1"]


def test_what_is_no_archive_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFoundError) as missing:
        archive.read_archive(tmp_path)
    assert (
        str(missing.value)
        == f"No ning-discussions-local.json or ning-discussions.json, and no page (.html), in {tmp_path}."
    )
    with pytest.raises(ArchiveNotFoundError, match=r"nowhere is neither a folder"):
        archive.read_archive(tmp_path / "nowhere")


def test_progress_is_counted_in_bytes(tmp_path: Path) -> None:
    found = archive_in(tmp_path, members=OWN_MEMBERS, discussions=OWN_DISCUSSIONS)
    assert found.read_bytes == 0
    members(found)
    assert 0 < found.read_bytes < found.size_bytes
    discussions(found)
    assert found.read_bytes == found.size_bytes


def test_a_place_is_told_as_people_look_it_up() -> None:
    finding = Finding("ning-discussions.json", TextPosition(3, 5), "It is broken.", "1:Topic:2")
    assert str(finding) == "ning-discussions.json, line 3, column 5 (1:Topic:2): It is broken."


@pytest.mark.skipif(not REAL.is_dir(), reason="the real archive is not here")
def test_the_real_archive_is_read_whole() -> None:
    found = archive.read_archive(REAL)
    people, findings = members(found)
    read, more = discussions(found)
    assert findings + more == []
    assert (len(people), [len(each.comments) for each in read]) == (11, [12, 0])
    opened = read[0]
    posts = {comment.id: comment for comment in opened.comments}
    assert [legacy.legacy_key(key) for key in posts] == list(posts) == sorted(posts)
    assert len({comment.author_key for comment in opened.comments} - {person.key for person in people}) == 1
    texts = {}
    quotes = []
    for comment in opened.comments:
        converted = html.to_markdown(comment.body_html)
        document = markdown.read(converted.markdown)
        texts[comment.id] = document.said
        assert [quote.name for quote in converted.quotes] == [
            quote.attribution and quote.attribution.name for quote in document.blockquotes
        ]
        for quote, block in zip(converted.quotes, document.blockquotes, strict=True):
            quotes.append((comment.id[-4:], quote.depth, quote.name in {person.name for person in people}, quote.cited))
            if quote.cited:
                assert said.compare(texts[quote.cited], block.said) is not said.Comparison.NOT_SAID
    assert quotes == [
        ("1003", 0, True, None),
        ("1005", 0, True, "502551:Comment:1003"),
        ("1009", 0, True, None),
        ("1009", 1, True, None),
    ]
