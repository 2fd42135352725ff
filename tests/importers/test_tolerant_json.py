"""Ning's JSON, broken in every way it is broken: nothing is lost, and what can't be read is told with its place."""

import io
import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from importers.ning import json_source
from importers.ning.decoding import TextFile
from importers.ning.tolerant_json import DamagedObject, Problem, Record, TextPosition, read_records
from tests.importers import broken_json

GARBAGE_CHARACTERS = 50_000


def read(text: str, size: int = 1 << 20) -> tuple[list[Record], list[Problem]]:
    """The records, and what is wrong in them and between them."""
    found = list(read_records(broken_json.Pieces(text, size)))
    problems = [problem for each in found for problem in (each.problems if isinstance(each, Record) else (each,))]
    return [each for each in found if isinstance(each, Record)], problems


@settings(max_examples=300, deadline=None)
@given(chance=st.randoms(use_true_random=False), size=st.sampled_from([1, 7, 1 << 20]))
def test_all_records_survive_all_breaks(chance: random.Random, size: int) -> None:
    discussions = broken_json.discussions(chance)
    records, problems = read(broken_json.broken(discussions, chance), size)
    assert [record.value for record in records] == discussions
    assert problems == []


@settings(max_examples=300, deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_what_stands_before_a_truncation_survives(chance: random.Random) -> None:
    discussions = broken_json.discussions(chance)
    text = broken_json.broken(discussions, chance).rstrip("]); ,\n")
    cut = chance.randrange(len(text) + 1)
    records, problems = read(text[:cut])
    whole = [record.value for record in records if not record.problems]
    assert whole == discussions[: len(whole)]
    assert len(records) - len(whole) <= 1
    if text[:cut].strip(" ([,])}") and cut < len(text) - 1:
        assert problems or len(whole) == len(records)


JSON_CHARACTERS = st.text(st.sampled_from('{}[],:"\\ \n()abid01.eunl'), max_size=200)


@settings(max_examples=1_000, deadline=None)
@given(text=JSON_CHARACTERS | st.text(max_size=100), size=st.sampled_from([1, 5, 1000]))
@example(text='{"a":"\\', size=1)
@example(text='{"a":[}', size=1)
@example(text='{"id":1,"a":[{]}{"id":2}', size=3)
def test_garbage_never_raises(text: str, size: int) -> None:
    records, problems = read(text, size)
    places = [*(record.place for record in records), *(problem.place for problem in problems)]
    assert all(place.line >= 1 and place.column >= 1 for place in places)


@settings(max_examples=300, deadline=None)
@given(chance=st.randoms(use_true_random=False), junk=JSON_CHARACTERS)
def test_a_record_after_garbage_is_found(chance: random.Random, junk: str) -> None:
    discussions = [each for each in broken_json.discussions(chance) if each["comments"]][:1]
    records, _ = read("[" + "".join(f'{{"x": "{junk}, {json.dumps(each)}' for each in discussions) + "]")
    seen = json.dumps([record.value for record in records])
    assert all(comment["id"] in seen for each in discussions for comment in each["comments"])


def _repeated(unit: str) -> str:
    return unit * (GARBAGE_CHARACTERS // len(unit))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_repeated(unit), id=unit[:20])
        for unit in [
            *("{", "[", "]", "}{", "{}", '"', '\\"', "\\", "a", "\n", " ", "{ ", ":", ","),
            *('{"', '{"a"', '{"a":', '{"a":{', '{"a":[', '{"a":1', '{"a":"', '{"a":" ', '{"a":"\\"', '{"a":1 b '),
            *(
                '"a":',
                ', "a":',
                '{"a":x,',
                '{"a":"b" c',
                '{"a":[1 x ',
                '{"a":[[',
                '{"id":"1:Topic:1","comments":[{"id":1',
            ),
        ]
    ]
    + [
        pytest.param('{"a":' + _repeated(unit), id=f"a value of {unit}")
        for unit in ['"x" ', '"', "{", "[", "x ", "1", '[{"b":1}]', '"\\"', "}", ']{"b":2', "\\u0000"]
    ]
    + [pytest.param("".join(random.Random(7).choices('{}[],:"\\ \nabc01', k=GARBAGE_CHARACTERS)) * 30, id="random")],
)
def test_garbage_takes_time_in_proportion(text: str) -> None:
    begin = time.thread_time()
    for _ in read_records(io.StringIO(text, newline="")):
        pass
    # Quadratic work on so much text takes many minutes.
    assert time.thread_time() - begin < 10


def test_a_body_keeps_what_looks_broken() -> None:
    body = 'a }{ b }]{ c }[{ d ]{ e ]] f {"id": 1}'
    records, problems = read("(" + json.dumps({"id": 1, "description": body}) + json.dumps({"id": 2}) + "]])")
    assert [record.value for record in records] == [{"id": 1, "description": body}, {"id": 2}]
    assert problems == []


def test_a_broken_comment_is_told_and_the_others_survive() -> None:
    text = """[{"id": "1:Topic:1", "title": "t", "comments": [
      {"id": "1:Comment:3", "description": "last"},
      {"id": "1:Comment:2", "description": "says "hm" again", "createdDate": "2009"}
      {"id": "1:Comment:1", "description": "first"}
    ]}]{"id": "1:Topic:0"}"""
    (one, other), problems = read(text)
    assert one.value["comments"] == [
        {"id": "1:Comment:3", "description": "last"},
        {"id": "1:Comment:2", "createdDate": "2009"},
        {"id": "1:Comment:1", "description": "first"},
    ]
    assert isinstance(one.value["comments"][1], DamagedObject)
    assert not isinstance(one.value, DamagedObject)
    assert problems == [
        Problem(TextPosition(3, 51), 'The text of "description" does not end where it should.', "1:Comment:2"),
    ]
    assert other.value == {"id": "1:Topic:0"}


@pytest.mark.parametrize(
    "comment",
    [
        '{"id": "1:Comment:2", "description": "one mark too " many", "n": 1}',
        '{"id": "1:Comment:2", "n": 1, "description": "one mark too " many"}',
        '{"id": "1:Comment:2", "description": "no mark, "n": 1}',
        '{"id": "1:Comment:2", "description": undefined, "n": 1}',
        '{"id": "1:Comment:2", "description": , "n": 1}',
        '{"id": "1:Comment:2", "description" "no colon", "n": 1}',
        '{"id": "1:Comment:2", "description": "x", what is this, "n": 1}',
        '{"id": "1:Comment:2", "n": 1, "description": "no brace"',
        '{"id": "1:Comment:2", 17, "n": 1}',
    ],
)
def test_only_the_broken_comment_suffers(comment: str) -> None:
    whole = ['{"id": "1:Comment:3", "description": "z"}', '{"id": "1:Comment:1", "description": "a"}']
    text = f'[{{"id": "1:Topic:9", "comments": [{whole[0]}, {comment}, {whole[1]}], "tail": 1}}, {{"id": "1:Topic:8"}}]'
    records, problems = read(text)
    assert [record.value["id"] for record in records] == ["1:Topic:9", "1:Topic:8"]
    comments = records[0].value["comments"]
    assert [comments[0], comments[-1]] == [json.loads(each) for each in whole]
    assert records[0].value["tail"] == 1
    assert isinstance(comments[1], DamagedObject)
    assert [problem.identifier for problem in problems] == ["1:Comment:2"]


def test_places_are_lines_and_columns() -> None:
    _, problems = read('[\n  {"id": 1},\n  oops\n  {"id": 2}\n, {"id": 3, "a": nope}]', size=3)
    assert [(problem.place, problem.identifier) for problem in problems] == [
        (TextPosition(3, 3), None),
        (TextPosition(5, 18), "3"),
    ]
    assert "oops" in problems[0].message
    assert "nope" in problems[1].message


def test_a_record_that_breaks_off_keeps_what_was_there() -> None:
    (record,), problems = read(
        '[{"id": "1:Topic:1", "comments": [{"id": "c1", "description": "a"}, {"id": "c2", "descr'
    )
    assert record.value == {"id": "1:Topic:1", "comments": [{"id": "c1", "description": "a"}, {"id": "c2"}]}
    assert {problem.identifier for problem in problems} == {"c2"}


def test_strings_that_are_not_quite_strings() -> None:
    text = r'{"path": "C:\new\qux\u12", "it": "don\'t", "half": "a\ud83d", "zero": "a\u0000b", "whole": "\ud83d\ude00"}'
    (record,), problems = read(text)
    assert record.value == {
        "path": "C:\new\\qux\\u12",
        "it": "don't",
        "half": "a\ufffd",
        "zero": "ab",
        "whole": "😀",
    }
    assert sorted(problem.message for problem in problems) == [
        "A lone surrogate was replaced by U+FFFD.",
        "U+0000 was left out of a string.",
    ]
    (quick,), problems = read(r'{"half": "\udE00x", "zero": "\u0000"}')
    assert (quick.value, len(problems)) == ({"half": "\ufffdx", "zero": ""}, 2)


def test_raw_control_characters_and_numbers_without_end() -> None:
    digits = "9" * 5_000
    (record,), problems = read(f'{{"a": "tab\there\nand\x01there", "n": {digits}, "f": -1.5e3}}')
    assert record.value == {"a": "tab\there\nand\x01there", "n": digits, "f": -1500.0}
    assert problems == []


def test_a_string_without_end_costs_one_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_source, "STRING_CHARACTERS", 1_000)
    records, problems = read('[{"id": 1, "a": "' + "x" * 5_000 + '\n\n, "b": 3}, {"id": 2}]', size=100)
    assert [record.value for record in records] == [{"id": 1, "b": 3}, {"id": 2}]
    assert [problem.identifier for problem in problems] == ["1"]


def test_memory_is_for_the_record_at_hand() -> None:
    class Endless:
        given = 0
        largest = 0

        def read(self, size: int, /) -> str:
            self.largest = max(self.largest, size)
            self.given += 1
            return '{"id": 1, "a": [{"b": 1}]{"b": 2}]}' * 2_000 if self.given < 20 else ""

    stream = Endless()
    assert sum(1 for _ in read_records(stream)) == 19 * 2_000
    assert stream.largest < 1_000_000


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1 << 16])
@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("naïve ½ 😀".encode(), "naïve ½ 😀"),
        (b"\xef\xbb\xbf" + "é".encode(), "é"),
        ("naïve ½ 😀".encode("utf-16"), "naïve ½ 😀"),
        (b"\xfe\xff" + "né".encode("utf-16-be"), "né"),
        ('["né"'.encode("utf-16-le"), '["né"'),
        ("é".encode("utf-32"), "é"),
        ("“its” naïve € é".encode("windows-1252"), "“its” naïve € é"),
        ("é ".encode() + "“é”".encode("windows-1252") + " é".encode(), "é “é” é"),
        (b"a\xed\xa0\xbd\xed\xb8\x80b\xed\xa0\xbdc", "a😀b\ufffdc"),
        (b"cut \xc3", "cut Ã"),
        (b"", ""),
        (b"[", "["),
    ],
)
def test_every_encoding_is_read(tmp_path: Path, data: bytes, text: str, size: int) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(data)
    with TextFile(path) as file:
        assert "".join(iter(lambda: file.read(size), "")) == text
        assert file.read_bytes == len(data)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=60))
def test_no_bytes_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    path.write_bytes(data)
    with TextFile(path) as file:
        pieces = "".join(iter(lambda: file.read(3), ""))
    with TextFile(path) as file:
        assert "".join(iter(file.read, "")) == pieces
