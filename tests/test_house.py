"""The rules of the code base that no linter knows: the arrow between rooms, what a room opens with, what is pinned."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from scripts import sdl

ROOT = Path(__file__).resolve().parent.parent

ARROW = {
    "text": set(),
    "db": {"text"},
    "live": {"db", "text"},
    "access": {"db", "text"},
    "forum": {"db", "text"},
    "delivery": {"db"},
    "resolvers": {"access", "forum", "live", "db", "text"},
    "execution": set(),
    "schema": {"resolvers", "forum", "live", "db", "text", "execution"},
    "transports": {"execution"},
    "archive": {"db", "text"},
    "importers": {"archive", "forum", "db", "text"},
    "web": {"text", "transports"},
    "app": {
        *("access", "archive", "db", "delivery", "execution", "forum", "importers", "live", "resolvers", "schema"),
        *("text", "transports", "web"),
    },
    "server": {"app", "transports", "web"},
}
"""What each room may import besides itself, of ours; so no room knows the tests, the benches or the scripts."""

FORBIDDEN = {"db": {"graphql", "strawberry", "starlette", "uvicorn", "broadcaster"}}
"""What a room must not know, although it is installed."""

INSTALLED = {"node_modules", ".venv"}
"""Folders within ours that hold what others wrote."""

OURS = set(ARROW) | {"tests", "bench", "docs", "examples", "scripts"}


def modules(room: str) -> Iterator[tuple[str, Path]]:
    """The modules of a room by their dotted names; none where the room is not built yet."""
    single = ROOT / f"{room}.py"
    for path in [single] if single.exists() else sorted((ROOT / room).rglob("*.py")):
        if INSTALLED.isdisjoint(path.parts):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def imports(source: str) -> Iterator[str]:
    """What a module imports, wherever in it, also for types only or by a string: `package.module[.name]`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                yield from (f"{'.' * level}{module or ''}.{name.name}" for name in names)
            case ast.Call(
                func=ast.Attribute(attr="lazy" | "import_module"), args=[ast.Constant(value=str(module)), *_]
            ):
                yield module


def against_the_arrow(module: str, source: str) -> list[str]:
    """The imports of a module that the arrow forbids."""
    room = module.split(".")[0]
    permitted = ARROW[room] | {room}
    wrong = []
    for imported in imports(source):
        top = imported.split(".")[0]
        ours = top in OURS and not any(f"{imported}.".startswith(f"{allowed}.") for allowed in permitted)
        if ours or top == "" or top in FORBIDDEN.get(room, set()):
            wrong.append(f"{module} imports {imported}")
    return wrong


def test_imports_follow_the_arrow() -> None:
    found = [
        line for room in ARROW for module, path in modules(room) for line in against_the_arrow(module, path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("text.markdown", "import db.rows"),
        ("text.markdown", "from db import rows"),
        ("db.replies", "from live.bus import Bus"),
        ("db.replies", "import strawberry"),
        ("db.drivers", "from broadcaster import Broadcast"),
        ("db.pages", "def late():\n    from starlette.requests import Request"),
        ("live.hub", "from resolvers.context import Context"),
        ("resolvers.replies", "from schema.replies import Reply"),
        ("resolvers.replies", "if TYPE_CHECKING:\n    from schema.root import Query"),
        ("resolvers.replies", "Later = strawberry.lazy('schema.replies')"),
        ("resolvers.replies", "from execution.batch import batch"),
        ("resolvers.inputs", "from schema.scalars import DateTime"),
        ("schema.replies", "from transports.http import routes"),
        ("execution.engine", "from db.database import Database"),
        ("transports.http", "from resolvers.context import Context"),
        ("importers.ning.archive", "from resolvers import discussions"),
        ("server", "from tests import servers"),
        ("schema.replies", "from .users import User"),
    ],
)
def test_the_arrow_turns_red(module: str, source: str) -> None:
    assert len(against_the_arrow(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "resolvers.replies",
            "from resolvers.inputs import ReplyOrder",
        ),
        ("resolvers.replies", "from db import quotes\nfrom live.hub import Hub\nimport strawberry"),
        ("schema.replies", "from execution.batch import batch\nReply = strawberry.lazy('schema.replies')"),
        ("app.process", "import importers.ning.archive\nfrom transports import http"),
        ("db.users", "from db.rows import UserRow\nimport textwrap, dbm"),
    ],
)
def test_the_arrow_lets_pass(module: str, source: str) -> None:
    assert against_the_arrow(module, source) == []


def test_a_package_opens_with_one_docstring_and_holds_nothing_else() -> None:
    found = []
    for room in sorted(OURS):
        for _, path in modules(room):
            if path.name == "__init__.py":
                body = ast.parse(path.read_text()).body
                if len(body) != 1 or not ast.get_docstring(ast.Module(body, [])):
                    found.append(str(path.relative_to(ROOT)))
    assert found == []


def test_every_room_with_modules_is_a_package() -> None:
    rooms = [room for room in ARROW if room != "server" and any(modules(room))]
    assert [room for room in rooms if not (ROOT / room / "__init__.py").exists()] == []


def test_what_the_rooms_import_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [requirement for extra in project["optional-dependencies"].values() for requirement in extra]
    declared = {canonical(requirement) for requirement in [*project["dependencies"], *extras]}
    providers = metadata.packages_distributions()
    found = []
    for room in ARROW:
        for module, path in modules(room):
            tops = {imported.split(".")[0] for imported in imports(path.read_text())}
            for top in sorted(tops - OURS - sys.stdlib_module_names):
                if declared.isdisjoint(map(canonical, providers.get(top, []))):
                    found += [f"{module} imports {top}"]
    assert found == []


def test_no_dependency_brings_a_module_named_like_a_room() -> None:
    providers = metadata.packages_distributions()
    assert {name: providers[name] for name in OURS & set(providers)} == {}


def pins(lock: str) -> dict[str, list[str]]:
    """The requirement lines of a lock file, each with its hashes."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / lock).read_text().splitlines():
        if line.startswith("    --hash="):
            found[list(found)[-1]].append(line)
        else:
            found[line] = []
    return found


def test_every_pin_is_exact_and_has_hashes() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock", "requirements-pip.lock"):
        for requirement, hashes in pins(lock).items():
            assert re.match(r"[\w.-]+==\S+( ; .*)? \\$", requirement), f"{lock}: {requirement}"
            assert hashes, f"{lock}: {requirement}"


def test_the_tests_run_on_what_the_service_runs_on() -> None:
    def versions(lock: str) -> dict[str, list[str]]:
        # What only some systems need to run may be needed on all of them to test.
        return {re.split(r" [;\\]", requirement)[0]: hashes for requirement, hashes in pins(lock).items()}

    assert versions("requirements.lock").items() <= versions("requirements-dev.lock").items()


def canonical(requirement: str) -> str:
    """The name of a distribution as indexes compare them (PEP 503), from a requirement."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


ADDRESS = re.compile(
    r"https?://[^\s\"']+\.(?:whl|tgz|tar\.gz|deb)\b|\bfiles\.python\w+|\bpypi\.\w{2,3}\b|\bregistry\.npm|^--\S*(?:index|links)"
)
HOME = re.compile(r"(?<![\w.])/(?:home|Users)/\w+/|(?<![\w.])/root/")


def test_no_file_names_a_package_registry_or_a_path_of_somebodys_machine() -> None:
    found = []
    for path in committed():
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            if ADDRESS.search(line) or HOME.search(line) or (len(ROOT.parts) > 2 and str(ROOT) in line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


def committed() -> list[Path]:
    """The files that are, or would be, committed; but this one, which spells out what it looks for."""
    names = sdl.git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    paths = [ROOT / name for name in names if name]
    if not paths:
        # No git, or no repository: all that the rooms hold.
        paths = [path for room in sorted(OURS) for path in (ROOT / room).rglob("*") if INSTALLED.isdisjoint(path.parts)]
    return [path for path in paths if path.is_file() and path != Path(__file__).resolve()]


OLD = """
type Query { discussion(number: Int!): Discussion  feed: [Discussion!]! }
type Discussion { title: String!  body: String! }
enum Order { OLDEST NEWEST }
"""
NEW = """
type Query { discussion(number: Int!, tag: String!): Discussion }
type Discussion { title: String  body: String!  url: String }
enum Order { OLDEST }
"""


def test_a_breaking_change_needs_an_announcement() -> None:
    assert set(sdl.unannounced(OLD, NEW, changelog="# Changelog\n\n## Unreleased\n\n- A feed.\n")) == {
        "A required argument Query.discussion(tag:) was added.",
        "Field Query.feed was removed.",
        "Field Discussion.title changed type from String! to String.",
        "Enum value Order.NEWEST was removed.",
    }


def test_an_announced_breaking_change_passes() -> None:
    announced = """# Changelog

## Unreleased

- BREAKING: Query.discussion(tag:) is required.
- BREAKING: `Query.feed` is gone: it was never read.
- BREAKING: Discussion.title is null for a deleted discussion.
* BREAKING: Order.NEWEST is gone.

## 0.1.0
"""
    assert sdl.unannounced(OLD, NEW, changelog=announced) == []
    assert len(sdl.unannounced(OLD, NEW, changelog=announced.replace("## Unreleased", "## 0.2.0"))) == 4
    assert len(sdl.unannounced(OLD, NEW, changelog="## Unreleased\n- BREAKING: String")) == 4


def test_one_line_may_announce_several_breaking_changes() -> None:
    listed = """## Unreleased

- BREAKING: Query.discussion(tag:), `Query.feed`, Discussion.title,
  Order.NEWEST: all of them changed, Query as a whole did not.
"""
    assert sdl.unannounced(OLD, NEW, changelog=listed) == []
    # What is named after the list is not announced.
    assert sdl.unannounced(OLD, NEW, changelog=listed.replace("  Order.NEWEST:", "  Order.OLDEST: Order.NEWEST,")) == [
        "Enum value Order.NEWEST was removed."
    ]


def test_additions_break_nobody() -> None:
    assert sdl.unannounced(OLD, OLD + "extend type Query { more: Int }", changelog="") == []
