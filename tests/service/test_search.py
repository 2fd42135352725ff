"""Searches, and previews: what is found, how it is shown, and what is found no more."""

import re
import secrets

import pytest

from tests.support.http import Client, People, Person
from tests.support.paging import PAGE, forward

FOUND = """
query ($words: String!, $first: Int, $after: String) { search(query: $words, first: $first, after: $after) {
  totalCount edges { title snippet node { __typename id } } } }
"""
LIST = f"""
query ($words: String!, $first: Int, $after: String) {{
  list: search(query: $words, first: $first, after: $after) {{ {PAGE} edges {{ cursor node {{ id }} }} }} }}
"""


def unique() -> str:
    """A word that nobody has written yet, of letters alone."""
    return "".join(chr(ord("a") + byte % 26) for byte in secrets.token_bytes(12))


def found(asks: Person, query: str) -> list[str]:
    """The ids of what is found."""
    answer = asks.ask(FOUND, words=query)["search"]
    assert answer["totalCount"] == len(answer["edges"])
    return [edge["node"]["id"] for edge in answer["edges"]]


def shown(asks: Person, query: str) -> tuple[str, str]:
    """Title and snippet of the only post that is found."""
    (edge,) = asks.ask(FOUND, words=query)["search"]["edges"]
    return edge["title"], edge["snippet"]


def test_the_words_of_a_spoiler_are_found_and_not_shown(people: People) -> None:
    ada, word, secret = people(), unique(), unique()
    discussion = ada.start(f"{word} was ||the *{secret}*||.")
    for query in (word, secret):
        assert re.sub("</?mark>", "", shown(ada, query)[1]) == f"{word} was \u25ae\u25ae\u25ae."
    post = ada.node(discussion, "... on Post { excerpt bodyText }")
    assert post["excerpt"] == f"{word} was \u25ae\u25ae\u25ae."
    assert post["bodyText"] == f"{word} was the {secret}."
    page = people.reader.http.get(f"/d/{discussion.removeprefix('D_')}", follow_redirects=True).text
    descriptions = re.findall('(?:description|og:description)" content="([^"]*)"', page)
    assert descriptions == [post["excerpt"]] * 2


def test_search_finds_titles_opening_posts_and_replies(people: People) -> None:
    ada, word, other = people(), unique(), unique()
    discussion = ada.start(f"An opening about {other}.", f"All about {word}")
    reply = ada.reply(discussion, f"A reply about {other}, too.")
    assert found(people.reader, word) == [discussion]
    assert set(found(people.reader, other)) == {discussion, reply}
    assert found(people.reader, f"{other} too") == [reply]
    assert found(people.reader, f"{other} {word} opening") == [discussion]
    assert found(people.reader, unique()) == []


def test_a_title_ranks_above_a_body_and_newer_above_older(people: People) -> None:
    ada, word = people(), unique()
    titled = ada.start("Some other words to begin with.", f"About {word}")
    replies = [ada.reply(titled, f"It is {word} again.") for _ in range(3)]
    assert found(people.reader, word) == [titled, *reversed(replies)]


def test_pages_of_a_search_are_its_whole_however_long_they_are(people: People, client: Client) -> None:
    ada, word = people(), unique()
    discussion = ada.start(title=f"About {word}")
    for count in range(1, 8):
        ada.reply(discussion, f"{word} {'and so on ' * (count % 3)}{f'{word} ' * (count % 4)}")
    whole = found(people.reader, word)
    assert len(whole) == 8
    for size in (1, 3, 8, 100):
        pages = list(forward(client, LIST, size=size, words=word))
        assert [edge["node"]["id"] for page in pages for edge in page["edges"]] == whole


def test_edited_posts_are_found_by_new_words_and_deleted_ones_never(people: People) -> None:
    ada, mo = people(), people("Mo", moderator=True)
    old, new, title, retitled = (unique() for _ in range(4))
    discussion = ada.start(f"First {old}.", title)
    reply = ada.reply(discussion, f"Then {old}.")
    ada.edit(reply, f"Now {new}.")
    assert (found(ada, old), found(ada, new)) == ([discussion], [reply])
    ada.write("editDiscussion", discussionId=discussion, expectedVersion=1, title=retitled)
    assert (found(ada, title), found(ada, retitled), found(ada, old)) == ([], [discussion], [discussion])
    ada.delete(reply)
    assert found(ada, new) == []
    last = ada.reply(discussion, f"Last {new}.")
    assert found(ada, new) == [last]
    mo.write("deleteDiscussion", discussionId=discussion)
    assert [found(ada, word) for word in (old, new, title, retitled)] == [[], [], [], []]


def test_search_ignores_case_accents_and_typography_in_any_script(people: People) -> None:
    ada, tag = people(), unique()
    discussion = ada.start(title="Words of many scripts")
    said = {
        "Das KÜHLSCHRANK-Fach ist “groß”": ["kuhlschrank", "gross", "Kühlschrank Fach"],
        "Привет, ёлка": ["привет", "ПРИВЕТ", "елка"],
        "東京タワーに行く": ["東京", "東京タワー", "タワー"],
        "हिन्दी में लिखा": ["हिन्दी"],
        "كَتَبَ الرِّسالة": ["كتب", "الرسالة"],
        "don\u2019t _panic_ **now**": ["don't", "panic now"],
        "Rønnow in Łódź, Đà Nẵng": ["ronnow", "LODZ", "Da Nang"],
        "une œuvre, \u0131l\u0131k su": ["oeuvre", "ilik"],
        "محمـــد يقرأ کتاب ١٢٣": ["محمد", "كتاب", "123"],
        "서울에서 여행을": ["서울 여행", "여행 서울에서"],
        "C++ on .NET, or F#": ["C++", "c", ".net", '"C++ on .NET"', "f#"],
        "a #tag, c# too": ["#tag", "C#", "tag"],
        "you cant pay 1000": ["can't", "1,000", '"can\u2019t pay 1.000"'],
        "we won't drink l\u2019eau for 2,500": ["wont", "eau", "l'eau", "2500", '"wont drink l\'eau for 2500"'],
    }
    for body, queries in said.items():
        reply = ada.reply(discussion, f"{tag} {body}")
        for query in queries:
            assert found(ada, f"{tag} {query}") == [reply], query
    # Characters of an unspaced script belong together: in another order they are not what was asked for.
    assert found(ada, f"{tag} 京東") == []
    # Signs belong to their word, and a letter with signs is no beginning of others.
    for query in ("D++", "C+", "F++", ".tag", "#net"):
        assert found(ada, f"{tag} {query}") == [], query


def test_the_last_word_is_a_prefix_and_quoted_words_are_a_phrase(people: People) -> None:
    ada, word = people(), unique()
    discussion = ada.start(title="Words")
    one = ada.reply(discussion, f"{word} has a red bicycle.")
    two = ada.reply(discussion, f"{word} has a bicycle, and it is red.")
    assert set(found(ada, f"{word} bicy")) == {one, two}
    assert found(ada, word[:-1]) != []
    assert found(ada, f'bicy {word}"') == []
    assert found(ada, f'"red bicycle" {word}') == [one]
    assert found(ada, f'{word} "red bicy') == [one]
    assert found(ada, f'{word} "bicycle red"') == []


HOSTILE = [
    "*", '"', "'", "''", "-", "()", "a OR", "NOT", "NEAR(", "title:", "{a b}:c", "^a", "a*b", "'a' & !b", "a <-> b",
    ":*", "\\", "%", "C++*",
    "a'+'b", "'#'x", ".'a'", "a'':*", "++a:B", "1'000'", "#a\\", "_", "a\\:*", ";DROP TABLE posts", "\U0001f600",
    "\u202e\u200b", "x" * 500, '"' * 500, "a " * 250, "\u0301", "١٢٣", "\n\t",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_no_query_is_syntax(people: People, query: str) -> None:
    ada, word = people(), unique()
    reply = ada.reply(ada.start(title=f"About {word}"), f"{word} {query}"[:400])
    answer = ada.ask(FOUND, words=query)["search"]
    assert answer["totalCount"] >= len(answer["edges"]) >= 0
    assert reply in found(ada, f"{word} {query[:300]}")


@pytest.mark.parametrize("query", ["x" * 501, "a\0b"])
def test_a_query_that_cannot_be_searched_for_is_a_bad_argument(people: People, query: str) -> None:
    literal = '"' + "".join(f"\\u{ord(each):04x}" for each in query) + '"'
    assert people.reader.codes(f"{{ search(query: {literal}) {{ totalCount }} }}") == ["BAD_ARGUMENT"]


@pytest.mark.parametrize("cursor", ["", "x", "s0.1", f"s{'f' * 16}.1", f"s{'0' * 16}.{'9' * 19}", "r12"])
def test_a_cursor_of_something_else_is_a_bad_cursor(people: People, cursor: str) -> None:
    query = 'query ($after: String) { search(query: "words", after: $after) { totalCount } }'
    assert people.reader.codes(query, after=cursor) == ["BAD_CURSOR"]


def test_a_query_without_words_finds_nothing(people: People) -> None:
    answer = people.reader.ask(FOUND, words=" ?! ")["search"]
    assert answer == {"totalCount": 0, "edges": []}


def test_what_is_shown_is_safe_and_marks_what_was_asked_for(people: People) -> None:
    ada, word = people(), unique()
    discussion = ada.start("Nothing to see.", "Tom & <Jerry>")
    ada.reply(discussion, f"Before `<script>alert(1)</script>` & {word.upper()} **after** " + "more of it, " * 60)
    title, snippet = shown(ada, f"{word} alert after")
    assert title == "Tom &amp; &lt;Jerry&gt;"
    assert f"&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt; &amp; <mark>{word.upper()}</mark>" in snippet
    assert re.sub("</?mark>", "", snippet).count("<") == 0
    assert snippet.endswith(" …") and len(snippet) < 400


PREVIEW = """
query ($body: String!, $discussion: ID, $quotes: [QuoteInput!]) {
  previewBody(body: $body, discussionId: $discussion, quotes: $quotes) { body bodyHtml errors { __typename path } } }
"""


def test_a_preview_is_what_the_reply_will_be_and_writes_nothing(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start(f"Something that can be quoted by @{grace.handle}.")
    body = f"Hello @{ada.handle}, **yes**.\n\n<script>alert(1)</script>"
    quotes = [{"sourceId": discussion, "text": "Something that can be quoted"}]
    preview = grace.ask(PREVIEW, body=body, discussion=discussion, quotes=quotes)["previewBody"]
    assert preview["errors"] == []
    # Nobody needs to sign in to see what a post would look like.
    anonymous = people.reader.ask(PREVIEW, body=body, discussion=discussion, quotes=quotes)["previewBody"]
    assert anonymous["body"] == preview["body"]
    assert grace.node(discussion, "... on Discussion { replyCount }")["replyCount"] == 0
    reply = grace.reply(discussion, body, quotes=quotes)
    written = grace.node(reply, "... on Reply { body bodyHtml }")
    assert preview["body"] == written["body"]

    def without_ids(html: str) -> str:
        return re.sub('data-quote-id="[^"]*"', "", html)

    assert without_ids(preview["bodyHtml"]) == without_ids(written["bodyHtml"])
    assert "<script" not in preview["bodyHtml"]


def test_a_preview_is_refused_as_the_reply_would_be(people: People) -> None:
    ada = people()
    discussion = ada.start()

    def refused(asks: Person, body: str) -> str:
        preview = asks.ask(PREVIEW, body=body, discussion=discussion)["previewBody"]
        assert preview["body"] is None and preview["bodyHtml"] is None
        kind: str = preview["errors"][0]["__typename"]
        return kind

    assert refused(ada, "  ") == "BodyEmpty"
    assert refused(ada, "x" * 40_001) == "BodyTooLong"
    assert refused(people.reader, "  ") == "BodyEmpty"
