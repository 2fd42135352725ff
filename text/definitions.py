"""Reference definitions ([label]: address): one that no link uses is no definition, but what somebody wrote."""

from collections.abc import Iterator, Sequence

from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

OPTIONS = {"inline_definitions": True, "store_labels": True}
"""The options of the parser by which each definition leaves a token, and each link names the definition it uses."""


def block_rule(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """The rule for definitions, which keeps what was written."""
    if not reference(state, line, end, silent):
        return False
    if not silent:
        state.tokens[-1].content = state.getLines(line, state.line, state.blkIndent, False).strip()
    return True


def show_unused(state: StateCore) -> None:
    """Makes a paragraph of each run of definitions that no link or image uses; the others show nothing.

    The parser's environment keeps the used ones alone.
    """
    if not any(token.type == "definition" for token in state.tokens):
        return
    used = set(_labels(state.tokens))
    unused: list[Token] = []
    tokens: list[Token] = []
    for token in state.tokens:
        is_definition = token.type == "definition"
        if unused and not (is_definition and _follows(token, unused[-1])):
            # Its words may use what comes next.
            tokens += _paragraph(state, unused, used)
            unused = []
        if is_definition and not _is_used(token, used, state.env["references"]):
            unused.append(token)
        elif not is_definition:
            tokens.append(token)
    state.tokens = [*tokens, *_paragraph(state, unused, used)]


def _follows(token: Token, before: Token) -> bool:
    assert token.map is not None
    assert before.map is not None
    return token.map[0] == before.map[1]


def _is_used(token: Token, used: set[str], references: dict[str, dict[str, object]]) -> bool:
    """Whether a link uses this definition. Of several of one label only the first counts."""
    label = token.meta["id"]
    return label in used and label in references and references[label]["map"] == token.map


def _labels(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if "label" in token.meta and token.type in ("link_open", "image"):
            yield token.meta["label"]
        yield from _labels(token.children or ())


def _paragraph(state: StateCore, definitions: Sequence[Token], used: set[str]) -> Iterator[Token]:
    if not definitions:
        return
    first, last = definitions[0], definitions[-1]
    assert first.map is not None
    assert last.map is not None
    for token in definitions:
        references, label = state.env["references"], token.meta["id"]
        if label in references and references[label]["map"] == token.map:
            del references[label]
    duplicates = state.env.get("duplicate_refs", [])
    shown = [token.map for token in definitions]
    duplicates[:] = [each for each in duplicates if each["map"] not in shown]
    inline = Token("inline", "", 0, level=first.level + 1, block=True, map=[first.map[0], last.map[1]])
    inline.content = "\n".join(token.content for token in definitions)
    inline.children = []
    state.md.inline.parse(inline.content, state.md, state.env, inline.children)
    used |= set(_labels([inline]))
    yield Token("paragraph_open", "p", 1, level=first.level, block=True, map=inline.map)
    yield inline
    yield Token("paragraph_close", "p", -1, level=first.level, block=True)
