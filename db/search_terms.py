"""What is looked for, in each database's language."""

from collections.abc import Sequence
from typing import Any

from text.search import Term

JOIN = {"sqlite": "CROSS JOIN", "postgresql": "JOIN"}
"""SQLite joins in this order."""
MATCHES = {
    "sqlite": "post_search MATCH :match",
    "postgresql": "words @@ CAST(CAST(:tsquery AS text) AS tsquery)",
}
KNOWN = {
    "sqlite": f"{MATCHES['sqlite']} AND post_search.rowid > :floor AND post_search.rowid <= :top",
    # No index is used for what is computed: it would read all posts with the words once more.
    "postgresql": "post_search.post_id = ANY (CAST(CAST(:ids AS text) AS bigint[])) AND post_search.post_id > :floor"
    " AND words || CAST('' AS tsvector) @@ CAST(CAST(:tsquery AS text) AS tsquery)",
}
"""That a post is one of a list of words (db.search_scopes), and has all that is looked up."""
ID = {"sqlite": "rowid", "postgresql": "post_id"}
SAID = {"sqlite": "post_search.title, post_search.body", "postgresql": "words"}
"""What the index keeps of a post."""
COMPARED = {
    "sqlite": "NOT EXISTS (SELECT 1 FROM json_each(:compared)"
    " WHERE instr(' ' || post_search.title || ' ', value) = 0 AND instr(' ' || post_search.body || ' ', value) = 0)",
    # No index is used for what is computed: it would read all words with a beginning.
    "postgresql": "words || CAST('' AS tsvector) @@ CAST(CAST(:tsquery_compared AS text) AS tsquery)",
}
"""That a post has what is compared."""


def looked_up(terms: Sequence[Term]) -> dict[str, str]:
    """The parameters of MATCHES: all of these terms, in each database's query language.

    The words hold letters, digits and marks, or are `.` or of `+` and `#` alone, which mean nothing within quotes.
    """
    return {
        "match": " AND ".join(f'"{" ".join(term.words)}"{"*" if term.begins else ""}' for term in terms),
        "tsquery": tsquery(terms),
    }


def compared_with(terms: Sequence[Term]) -> dict[str, Any]:
    """The parameters of COMPARED: all of these terms."""
    needles = [f" {' '.join(term.words)}{'' if term.begins else ' '}" for term in terms]
    return {"compared": needles, "tsquery_compared": tsquery(terms)}


def tsquery(terms: Sequence[Term]) -> str:
    """All of these terms in PostgreSQL's query language."""
    return " & ".join(map(_tsquery, terms))


def _tsquery(term: Term) -> str:
    *whole, last = (f"'{word}'" for word in term.words)
    return f"({' <-> '.join([*whole, last + (':*' if term.begins else '')])})"
