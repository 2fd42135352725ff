"""The inline content of HTML: styled text, links, images and players, and the name in front of a quote."""

import re
from collections import Counter
from html.parser import HTMLParser

from importers.ning import blocks, inlines
from importers.ning.blocks import Block
from importers.ning.inlines import BREAK, TextRun

EMBEDDED = {"iframe": "src", "embed": "src", "video": "src", "audio": "src", "source": "src", "object": "data"}
"""Elements that play media, and the attribute that holds the address."""
_EMBEDDED_PARAMETERS = frozenset({"movie", "src", "url", "filename"})

_NOTHING = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_WHITE = re.compile(r"[ \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029]+")
_NEW_LINE = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_HARMLESS_SCHEME = re.compile(r"(?!javascript|vbscript|data|file)[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)

Attributes = dict[str, str | None]


class Words(HTMLParser):
    """Collects inline content into paragraphs. The subclass decides which element they belong to."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._inside: list[Block] = []
        """The blocks of the element that is being read."""
        self._styles: Counter[str] = Counter()
        self._heading = 0
        self._link: str | None = None
        self._runs: list[TextRun] = []
        self._unlinked = ""
        self._verbatim: list[str] | None = None
        self._embeds: list[list[str]] = []
        self._credit_begin: int | None = None
        self._credit: list[TextRun] | None = None
        """The text of the last <cite>, as long as only white space has followed it."""
        self._credit_apart = False
        """Whether the paragraph of that <cite> has ended."""

    def _add(self, text: str) -> None:
        text = _NOTHING.sub("", text)
        if self._verbatim is not None:
            self._verbatim.append(text)
            return
        shown = text if text == BREAK else _WHITE.sub(" ", text)
        if not shown or not (self._runs or shown.strip()):
            return
        if shown.strip():
            self._settle()
        bold, italic, struck, code = (bool(self._styles[style]) for style in ("bold", "italic", "struck", "code"))
        self._runs.append(TextRun(shown, bold, italic, struck, code, self._link))

    def _start_link(self, tag: str, attributes: Attributes) -> None:
        self._end_link()
        written = (attributes.get("href") or "").strip()
        self._link = inlines.address(written)
        self._unlinked = written if not self._link and _HARMLESS_SCHEME.match(written) else ""

    def _end_link(self) -> None:
        self._link = None
        if self._unlinked:
            # Parley's Markdown links no ftp: or tel: address, so the address is written out.
            address, self._unlinked = self._unlinked, ""
            self._add(f" ({address})")

    def _image(self, tag: str, attributes: Attributes) -> None:
        description = _WHITE.sub(" ", attributes.get("alt") or attributes.get("title") or "")
        source = inlines.address(attributes.get("src"))
        if source or description:
            self._settle()
            self._runs.append(TextRun(description, image=source, link=self._link))

    def _embed(self, tag: str, attributes: Attributes) -> None:
        if tag == "object":
            self._embeds.append([])
        played = inlines.address(attributes.get(EMBEDDED[tag]))
        if played and self._embeds:
            self._embeds[-1].append(played)
        elif played:
            self._put(blocks.Paragraph([TextRun(played, link=played)]))

    def _parameter(self, tag: str, attributes: Attributes) -> None:
        played = inlines.address(attributes.get("value"))
        if self._embeds and played and (attributes.get("name") or "").lower() in _EMBEDDED_PARAMETERS:
            self._embeds[-1].append(played)

    def _end_object(self) -> None:
        # An <object> names its media several times, for different browsers.
        if self._embeds and (played := self._embeds.pop()):
            self._put(blocks.Paragraph([TextRun(played[0], link=played[0])]))

    def _start_verbatim(self, tag: str, attributes: Attributes) -> None:
        self._end_text()
        self._verbatim = []

    def _end_verbatim(self) -> None:
        if self._verbatim is not None:
            text, self._verbatim = "".join(self._verbatim), None
            self._inside.append(blocks.Verbatim(_NEW_LINE.sub("\n", text)))

    # Paragraphs

    def _end_paragraph(self) -> None:
        self._end_verbatim()
        runs, self._runs = self._runs, []
        if self._credit_begin is not None:
            self._end_cite(runs)
        self._credit_apart = self._credit is not None
        breaks = 0
        paragraph: list[TextRun] = []
        for run in [*runs, TextRun(BREAK), TextRun(BREAK)]:
            breaks = breaks + 1 if run.text == BREAK else breaks if not run.text.strip() and not run.image else 0
            paragraph.append(run)
            # People separated paragraphs by two <br>.
            if breaks == 2:
                if inlines.plain(paragraph) or any(each.image for each in paragraph):
                    self._inside.append(blocks.Paragraph(paragraph, self._heading))
                paragraph = []

    def _end_text(self) -> None:
        """Ends the paragraph. A <cite> before it belongs to no blockquote, so its text stays in place."""
        self._end_paragraph()
        self._settle()
        self._end_paragraph()

    def _put(self, block: Block) -> None:
        self._end_text()
        self._inside.append(block)

    def _start_cite(self) -> None:
        self._end_cite()
        self._settle()
        self._credit_begin = len(self._runs)

    def _end_cite(self, runs: list[TextRun] | None = None) -> None:
        """Removes the text of the <cite> from the paragraph: it is the credit of a blockquote that may follow."""
        if self._credit_begin is not None:
            spoken = self._runs if runs is None else runs
            begin, self._credit_begin = self._credit_begin, None
            credit = spoken[begin:]
            if runs is not None:
                # Its end tag is missing.
                self._styles["italic"] = max(0, self._styles["italic"] - 1)
            if inlines.plain(credit):
                del spoken[begin:]
                self._credit, self._credit_apart = credit, False

    def _settle(self) -> None:
        """Puts the text of the last <cite> back: no blockquote follows it."""
        credit, self._credit = self._credit, None
        if credit:
            self._runs += credit
            if self._credit_apart:
                self._end_paragraph()
