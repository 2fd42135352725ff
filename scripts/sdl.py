"""Checks schema.graphql: it is what the code says, and breaks no client of an earlier one without saying so.

Earlier ones are those committed since the newest release that CHANGELOG.md names, the released one included, as far
back as this clone's history goes. A breaking change is announced in the section Unreleased, by its coordinate:

    - BREAKING: Discussion.title is null once the discussion was deleted.
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
ANNOUNCEMENT = re.compile(r"^[-*] BREAKING: `?([@\w.]+(?:\(\w+:\))?)", re.MULTILINE)
COORDINATE = re.compile(r"@?\w+(?:\.\w+)*(?:\(\w+:\))?")


def unannounced(old: str, new: str, *, changelog: str) -> list[str]:
    """What breaks from the SDL `old` to `new` and stands in no announcement of `changelog`, a sentence each."""
    announced = set(ANNOUNCEMENT.findall(unreleased(changelog)))
    changes = find_breaking_changes(build_schema(old, assume_valid=True), build_schema(new, assume_valid=True))
    # What follows "changed type from" are types, of which an announcement speaks only by chance.
    about = {change.description: change.description.split(" changed ")[0] for change in changes}
    return [text for text, subject in about.items() if announced.isdisjoint(COORDINATE.findall(subject))]


def unreleased(changelog: str) -> str:
    """The section of what no release holds yet; empty where there is none."""
    _, *sections = re.split(r"^(?=## )", changelog, flags=re.MULTILINE)
    return next((section for section in sections if "unreleased" in section.splitlines()[0].lower()), "")


def newest_release(changelog: str) -> str | None:
    """The heading of the newest release, None before the first."""
    return next((heading for heading in HEADING.findall(changelog) if "unreleased" not in heading.lower()), None)


def earlier(changelog: str) -> Iterator[tuple[str, str]]:
    """Commits since the newest release, with the SDL of each, newest first; an SDL comes once."""
    release = newest_release(changelog)
    seen: set[str] = set()
    for commit in git("log", "--format=%h", "--", "schema.graphql", "CHANGELOG.md").split():
        sdl = git("show", f"{commit}:schema.graphql")
        # A commit whose changelog does not know the release is older than it. No tag is needed, which a clone may lack.
        if release is not None and release not in git("show", f"{commit}:CHANGELOG.md").splitlines():
            continue
        if sdl and sdl not in seen:
            seen.add(sdl)
            yield commit, sdl


def git(*arguments: str) -> str:
    """What git prints; nothing where it fails, as for a file that a commit does not have, or where there is no git."""
    if shutil.which("git") is None:
        return ""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def main() -> int:
    """Prints what is wrong; gives the exit code."""
    told = subprocess.run(
        [sys.executable, "server.py", "schema"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if told.returncode != 0:
        return told.returncode
    committed = (ROOT / "schema.graphql").read_text()
    if told.stdout != committed:
        sides = committed.splitlines(), told.stdout.splitlines()
        print("\n".join(difflib.unified_diff(*sides, "schema.graphql", "the code", lineterm="")))
        print("schema.graphql is not what the code says. .venv/bin/python server.py schema > schema.graphql renews it.")
        return 1
    changelog = (ROOT / "CHANGELOG.md").read_text()
    broken: dict[str, str] = {}
    for commit, sdl in earlier(changelog):
        broken |= dict.fromkeys(unannounced(sdl, committed, changelog=changelog), commit)
    for change, commit in broken.items():
        print(
            f"{change} It was so in {commit}. Undo it, or announce it in CHANGELOG.md under Unreleased: - BREAKING: …"
        )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
