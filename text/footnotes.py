"""Footnotes: [^label] in a text refers to a note that begins with [^label]: and stands where it was written.

A note is not moved to the end of the post: one in a quote would leave the quoted person's mouth.
"""

import re
from collections.abc import Iterator, Sequence

from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from text import work
from text.characters import BIDI_CONTROLS

NOTES = "footnotes"
"""The key of a parser's environment under which the lines of each note are, by its label."""
KEY = "footnote key"
"""The key of a renderer's environment under which the post's own part of ids is: a page shows many posts."""
# An @ in a label would be counted as one in the text, and what turns a direction would be closed beside its number.
_LABEL = rf"\[\^(?P<label>[^\s\[\]\\@<>|{BIDI_CONTROLS}]{{1,50}})\]"
_REFERENCE = re.compile(_LABEL)
_DEFINITION = re.compile(rf"{_LABEL}:[ \t]*(?=[^ \t\n])")
_INDENTATION = 4
"""How far the lines of a note after its first paragraph are indented."""


def block_rule(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """The rule for notes. Of several with one label, the first is it."""
    begin = state.bMarks[line] + state.tShift[line]
    if state.is_code_block(line) or not (found := _DEFINITION.match(state.src, begin, state.eMarks[line])):
        return False
    notes: dict[str, list[int]] = state.env.setdefault(NOTES, {})
    if found["label"] in notes:
        return False
    if silent:
        return True
    opening = state.push("footnote_open", "li", 1)
    opening.map = notes[found["label"]] = [line, line]
    opening.meta = {"label": found["label"]}
    before = state.bMarks[line], state.tShift[line], state.sCount[line], state.blkIndent, state.parentType
    state.blkIndent += _INDENTATION
    # The note's first line begins after the colon, and is no code, however many blanks are there.
    state.bMarks[line], state.tShift[line], state.sCount[line] = found.end(), 0, state.blkIndent
    state.parentType = "footnote"
    state.md.block.tokenize(state, line, end)
    state.bMarks[line], state.tShift[line], state.sCount[line], state.blkIndent, state.parentType = before
    opening.map[1] = state.line
    state.push("footnote_close", "li", -1)
    return True


def inline_rule(state: StateInline, silent: bool) -> bool:
    """The rule for references to notes. What would be a link around one is text, since a link holds no other."""
    if not state.src.startswith("[^", state.pos) or not state.env.get(NOTES):
        return False
    found = _REFERENCE.match(state.src, state.pos, state.posMax)
    work.charge(state.env, work.BRACKET)
    if found is None or found["label"] not in state.env[NOTES]:
        return False
    if not silent:
        token = state.push("footnote_ref", "", 0)
        token.content, token.meta = found[0], {"label": found["label"]}
    state.pos = found.end()
    return True


def number(state: StateCore) -> None:
    """Numbers the notes in the order of the first references to them. One without any becomes text as it was typed."""
    if NOTES not in state.env:
        return
    numbers: dict[str, int] = {}
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "footnote_ref":
                label = child.meta["label"]
                child.meta["is_first"] = label not in numbers
                child.meta["number"] = numbers.setdefault(label, len(numbers) + 1)
    opened: list[Token] = []
    tokens: list[Token] = []
    for position, token in enumerate(state.tokens):
        if token.type == "footnote_open":
            opened.append(token)
            token.meta["number"] = numbers.get(token.meta["label"])
            if token.meta["number"] is None:
                tokens += _typed_label(token, state.tokens[position + 1 : position + 3])
                continue
        if token.type == "footnote_close":
            token.meta["number"] = opened.pop().meta["number"]
            if token.meta["number"] is None:
                continue
            if tokens[-1].type == "paragraph_close":
                words = tokens[-2].children
                assert words is not None
                words.append(Token("footnote_back", "a", 0, meta=token.meta))
        tokens.append(token)
    state.tokens = tokens


def _typed_label(note: Token, inside: Sequence[Token]) -> Iterator[Token]:
    """Puts the label of a note that nothing refers to before its first words, or else into a paragraph before it."""
    label = Token("text", "", 0, content=f"[^{note.meta['label']}]:")
    if inside[0].type == "paragraph_open":
        label.content += " "
        assert inside[1].children is not None
        inside[1].children.insert(0, label)
        return
    yield Token("paragraph_open", "p", 1, level=note.level, block=True, map=note.map)
    yield Token("inline", "", 0, level=note.level + 1, block=True, children=[label])
    yield Token("paragraph_close", "p", -1, level=note.level, block=True)


def render_reference(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """The number of a note, which leads to it. The first of several is where the note leads back to."""
    meta = tokens[index].meta
    place = f"{env[KEY]}-{meta['number']}"
    identity = f' id="fnref-{place}"' if meta["is_first"] else ""
    label = f'data-label="{escapeHtml(meta["label"])}"'
    return f'<sup><a{identity} href="#fn-{place}" class="footnote-ref" {label}>{meta["number"]}</a></sup>'


def render_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """The beginning of a note, and of the list that consecutive notes are."""
    number = tokens[index].meta["number"]
    begins_list = index == 0 or tokens[index - 1].type != "footnote_close"
    opening = f'<ol{renderer.renderAttrs(tokens[index])} class="footnotes">\n' if begins_list else ""
    label = escapeHtml(tokens[index].meta["label"])
    return f'{opening}<li id="fn-{env[KEY]}-{number}" value="{number}" data-label="{label}">\n'


def render_close(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """The end of a note, and of the list of notes."""
    ends_list = index + 1 == len(tokens) or tokens[index + 1].type != "footnote_open"
    return "</li>\n</ol>\n" if ends_list else "</li>\n"


def render_back(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """What leads back from a note to the first reference; without the variation selector some phones draw an emoji."""
    place = f"{env[KEY]}-{tokens[index].meta['number']}"
    return f' <a href="#fnref-{place}" class="footnote-back">\u21a9\ufe0e</a>'
