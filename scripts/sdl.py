"""Checks that schema.graphql matches the code, and that CHANGELOG.md announces every breaking change.

Compares with each schema.graphql committed since the newest release in CHANGELOG.md, including the released one, as
far back as this clone's history goes. The section Unreleased announces a breaking change by its schema coordinate, or
several that have one cause, separated by commas:

    - BREAKING: Discussion.title, Discussion.slug are null once the discussion was deleted.
"""

import difflib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from graphql import build_schema
from graphql.utilities import find_breaking_changes

ROOT = Path(__file__).resolve().parent.parent
HEADING = re.compile(r"^## .*$", re.MULTILINE)
COORDINATE = re.compile(r"@?\w+(?:\.\w+)*(?:\(\w+:\))?")
ANNOUNCEMENT = re.compile(rf"^[-*] BREAKING: (`?{COORDINATE.pattern}`?(?:,\s+`?{COORDINATE.pattern}`?)*)", re.MULTILINE)


def unannounced(old: str, new: str, *, changelog: str) -> list[str]:
    """Returns a sentence for each breaking change from the SDL `old` to `new` that `changelog` does not announce."""
    lists = ANNOUNCEMENT.findall(unreleased(changelog))
    announced = {coordinate for coordinates in lists for coordinate in COORDINATE.findall(coordinates)}
    changes = find_breaking_changes(build_schema(old, assume_valid=True), build_schema(new, assume_valid=True))
    # What follows "changed type from" are types: an announcement that names them is not about this change.
    about = {change.description: change.description.split(" changed ")[0] for change in changes}
    return [text for text, subject in about.items() if announced.isdisjoint(COORDINATE.findall(subject))]


def unreleased(changelog: str) -> str:
    """Returns the section Unreleased, or "" if there is none."""
    _, *sections = re.split(r"^(?=## )", changelog, flags=re.MULTILINE)
    return next((section for section in sections if "unreleased" in section.splitlines()[0].lower()), "")


def newest_release(changelog: str) -> str | None:
    """Returns the heading of the newest release, None before the first."""
    return next((heading for heading in HEADING.findall(changelog) if "unreleased" not in heading.lower()), None)


def earlier(changelog: str) -> Iterator[tuple[str, str]]:
    """Yields commits since the newest release with their SDL, newest first, without repeating an SDL."""
    release = newest_release(changelog)
    seen: set[str] = set()
    for commit in git("log", "--format=%h", "--", "schema.graphql", "CHANGELOG.md").split():
        sdl = git("show", f"{commit}:schema.graphql")
        # A commit whose changelog lacks the release is older than it. Tags would do too, but a clone may lack them.
        if release is not None and release not in git("show", f"{commit}:CHANGELOG.md").splitlines():
            continue
        if sdl and sdl not in seen:
            seen.add(sdl)
            yield commit, sdl


def git(*arguments: str) -> str:
    """Returns what git prints, or "" if it fails (a commit lacks the file) or is not installed."""
    if shutil.which("git") is None:
        return ""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def main() -> int:
    """Prints what is wrong. Returns the exit code."""
    printed = subprocess.run(
        [sys.executable, "server.py", "schema"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if printed.returncode != 0:
        return printed.returncode
    committed = (ROOT / "schema.graphql").read_text()
    if printed.stdout != committed:
        sides = committed.splitlines(), printed.stdout.splitlines()
        print("\n".join(difflib.unified_diff(*sides, "schema.graphql", "the code", lineterm="")))
        print("schema.graphql differs from the code. To update it: .venv/bin/python server.py schema > schema.graphql")
        return 1
    changelog = (ROOT / "CHANGELOG.md").read_text()
    broken: dict[str, str] = {}
    for commit, sdl in earlier(changelog):
        broken |= dict.fromkeys(unannounced(sdl, committed, changelog=changelog), commit)
    for change, commit in broken.items():
        print(f"{change} (Since {commit}.) Undo it, or announce it in CHANGELOG.md under Unreleased: - BREAKING: ...")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
