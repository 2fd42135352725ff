"""Persisted documents: by Apollo's hash, by `documentId`, and those of a manifest."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import strawberry

from execution import persisted
from execution.engine import Engine
from execution.operation import Operation, RequestRefused
from execution.persisted import Mode, read_manifest


@strawberry.type
class Query:
    name: str = "here"


schema = strawberry.Schema(Query)
TEXT = "query Name { name }"
OTHER = "query Other { other: name }"


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def hashed(text: str) -> dict[str, Any]:
    """The extensions that Apollo's clients send."""
    return {"persistedQuery": {"version": 1, "sha256Hash": digest(text)}}


def engine(mode: Mode = "apq", **manifest: str) -> Engine:
    return Engine(schema, persisted=mode, manifest=manifest)


def runs(on: Engine, **operation: Any) -> str | None:
    """The name of the operation that would run."""
    return on.prepare(Operation(**{"query": None} | operation)).name


def refused(on: Engine, **operation: Any) -> tuple[str, str]:
    """The code and the message of the one error."""
    with pytest.raises(RequestRefused) as told:
        runs(on, **operation)
    (error,) = told.value.errors
    return error["extensions"]["code"], error["message"]


NOT_FOUND = ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
NOT_SUPPORTED = ("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")


def test_a_hash_finds_what_was_sent_with_it() -> None:
    on = engine()
    assert refused(on, extensions=hashed(TEXT)) == NOT_FOUND
    assert runs(on, query=TEXT, extensions=hashed(TEXT)) == "Name"
    assert runs(on, extensions=hashed(TEXT)) == "Name"
    assert runs(on, document_id=f"sha256:{digest(TEXT)}") == "Name"
    assert refused(on, extensions=hashed(OTHER)) == NOT_FOUND


def test_a_document_id_with_its_document_is_kept_likewise() -> None:
    on = engine()
    assert refused(on, document_id=f"sha256:{digest(TEXT)}") == NOT_FOUND
    assert runs(on, query=TEXT, document_id=f"sha256:{digest(TEXT)}") == "Name"
    assert runs(on, document_id=f"sha256:{digest(TEXT)}") == "Name"
    assert refused(on, document_id=digest(TEXT)) == NOT_FOUND
    assert refused(on, document_id="") == NOT_FOUND


def test_what_is_sent_without_its_hash_is_not_kept() -> None:
    on = engine()
    assert runs(on, query=TEXT) == "Name"
    assert refused(on, extensions=hashed(TEXT)) == NOT_FOUND


def test_a_hash_of_another_text_is_refused() -> None:
    on = engine()
    for given in ({"extensions": hashed(OTHER)}, {"document_id": f"sha256:{digest(OTHER)}"}, {"document_id": "name"}):
        assert refused(on, query=TEXT, **given)[0] == "BAD_ARGUMENT"
    assert refused(on, extensions=hashed(OTHER)) == NOT_FOUND


def test_what_is_not_valid_is_not_kept() -> None:
    on = engine()
    for text, code in (("{ nothing }", "GRAPHQL_VALIDATION_FAILED"), ("{", "GRAPHQL_PARSE_FAILED")):
        assert refused(on, query=text, extensions=hashed(text))[0] == code
        assert refused(on, extensions=hashed(text)) == NOT_FOUND


@pytest.mark.parametrize(
    "wrong",
    ["text", ["list"], {}, {"version": 2, "sha256Hash": digest(TEXT)}, {"version": 1}, {"version": 1, "sha256Hash": 7}],
)
def test_what_apollo_would_not_send_is_refused(wrong: object) -> None:
    assert refused(engine(), query=TEXT, extensions={"persistedQuery": wrong})[0] == "BAD_ARGUMENT"
    assert refused(engine(), extensions={"persistedQuery": wrong})[0] == "BAD_ARGUMENT"


def test_without_document_and_name_of_one_there_is_nothing_to_run() -> None:
    for on in (engine("off"), engine("apq"), engine("trusted")):
        for extensions in (None, {"persistedQuery": None}, {"trace": 1}):
            assert refused(on, query="", extensions=extensions)[0] == "BAD_ARGUMENT"


def test_those_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "KEPT", 2)
    on = engine()
    texts = [f"query Q{number} {{ name }}" for number in range(3)]
    for text in texts[:2]:
        runs(on, query=text, extensions=hashed(text))
    assert runs(on, extensions=hashed(texts[0])) == "Q0"
    runs(on, query=texts[2], extensions=hashed(texts[2]))
    assert runs(on, extensions=hashed(texts[0])) == "Q0"
    assert refused(on, extensions=hashed(texts[1])) == NOT_FOUND


def test_they_are_kept_up_to_a_length_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "KEPT_CHARACTERS", len(TEXT) + 5)
    on = engine()
    for text in (TEXT, OTHER):
        runs(on, query=text, extensions=hashed(text))
        runs(on, query=text, extensions=hashed(text))
    assert refused(on, extensions=hashed(TEXT)) == NOT_FOUND


def test_where_nothing_is_persisted_clients_are_told_to_send_the_document() -> None:
    on = engine("off")
    assert refused(on, extensions=hashed(TEXT)) == NOT_SUPPORTED
    assert refused(on, document_id="name") == NOT_SUPPORTED
    assert runs(on, query=TEXT, extensions=hashed(TEXT)) == "Name"
    assert refused(on, extensions=hashed(TEXT)) == NOT_SUPPORTED


def test_only_trusted_documents_run_by_id_by_hash_or_as_they_stand() -> None:
    on = engine("trusted", name=TEXT)
    assert runs(on, document_id="name") == "Name"
    assert runs(on, document_id=f"sha256:{digest(TEXT)}") == "Name"
    assert runs(on, extensions=hashed(TEXT)) == "Name"
    assert runs(on, query=TEXT) == "Name"
    assert runs(on, query=TEXT, extensions=hashed(TEXT)) == "Name"
    for given in ({"query": OTHER}, {"query": f"{TEXT} "}, {"query": OTHER, "extensions": hashed(OTHER)}):
        assert refused(on, **given)[0] == "DOCUMENT_NOT_TRUSTED"
    # A name that is known does not let another document in.
    assert refused(on, query=OTHER, document_id="name")[0] == "DOCUMENT_NOT_TRUSTED"
    assert refused(on, extensions=hashed(OTHER)) == NOT_FOUND
    assert refused(on, document_id="other") == NOT_FOUND
    assert refused(on, document_id="") == NOT_FOUND


def test_manifest_id_that_is_a_bare_hash_is_found() -> None:
    # Their manifests may hash a document as it was before the build changed it.
    on = engine("trusted", **{digest(OTHER): TEXT})
    assert runs(on, extensions=hashed(OTHER)) == "Name"


def test_a_manifest_with_a_document_that_is_not_valid_is_refused_by_its_id() -> None:
    with pytest.raises(ValueError, match=r'"wrong".*nothing'):
        engine("trusted", name=TEXT, wrong="{ nothing }")


APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": "1", "name": "Name", "type": "query", "body": TEXT}, {"id": "2", "body": OTHER}],
}


@pytest.mark.parametrize("content", [{"1": TEXT, "2": OTHER}, APOLLO])
def test_both_forms_of_a_manifest_are_read(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(content))
    assert read_manifest(path) == {"1": TEXT, "2": OTHER}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "JSON"),
        ("[]", "object"),
        ('{"1": 2}', '"1"'),
        (json.dumps(APOLLO | {"version": 2}), "version 1"),
        (json.dumps(APOLLO | {"operations": {}}), "`operations`"),
        (json.dumps(APOLLO | {"operations": [{"id": "a"}]}), '"a"'),
        (json.dumps(APOLLO | {"operations": [APOLLO["operations"][0], "text"]}), "number 2"),  # type: ignore[index]
        (json.dumps(APOLLO | {"operations": [{"id": "a", "body": TEXT}, {"id": "a", "body": OTHER}]}), '"a".*two'),
        ("\udcff", "JSON"),
    ],
)
def test_a_manifest_that_can_not_be_read_is_refused_with_its_place(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match=told):
        read_manifest(path)


def test_a_manifest_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        read_manifest(tmp_path / "none.json")
