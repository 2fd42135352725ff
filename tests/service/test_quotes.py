"""Quotes as data: where they come from, what they say of their sources, and who is told of a change."""

import re
import secrets
from typing import Any

import pytest

from tests.support.http import Data, People, Person, claims, quotes_of, signed, status_is
from tests.support.waiting import eventually
from tests.support.websocket import numbers

MISSING = {"__typename": "QuoteSourceNotFound", "code": "QUOTE_SOURCE_NOT_FOUND"}
SOURCE = "source { __typename id } sourceVersion attributedTo { handle } bodyHtml parent { id } post { id }"


def ids_in_html(asks: Person, post: str) -> list[str]:
    html = asks.node(post, "... on Post { bodyHtml }")["bodyHtml"]
    return re.findall(r'<blockquote data-quote-id="([^"]*)"', html)


def body_of(asks: Person, post: str) -> str:
    body: str = asks.node(post, "... on Post { body }")["body"]
    return body


def one(asks: Person, post: str) -> Data:
    (quote,) = quotes_of(asks, post, SOURCE)
    return quote


def test_a_quote_that_is_given_is_tied_to_the_blockquote_with_its_words(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, "The sky is *blue* \u2013 and wide.")
    body = "> the sky   is blue - and WIDE.\n\nIndeed."
    reply = grace.reply(discussion, body, quotes=[{"sourceId": source, "text": "The sky is *blue* \u2013 and wide."}])
    assert body_of(grace, reply) == body
    quote = one(grace, reply)
    assert quote["source"] == {"__typename": "Reply", "id": source}
    assert (quote["sourceVersion"], quote["status"], quote["depth"], quote["parent"]) == (1, "VERBATIM", 0, None)
    assert quote["attributedTo"] == {"handle": ada.handle}
    assert quote["attributedName"] == ada.name
    assert quote["bodyText"] == "the sky   is blue - and WIDE." or quote["bodyText"] == "the sky is blue - and WIDE."
    assert quote["post"] == {"id": reply}
    assert ids_in_html(grace, reply) == [quote["id"]]


@pytest.mark.parametrize("text", ["The sky is blue.", "The sky is *blue*.", "- # 1. > The _sky_ is `blue`. <b>"])
def test_a_quote_without_a_blockquote_is_put_before_the_body(people: People, text: str) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, text)
    for body in ("Indeed.", "> Something else.", "> **Nobody said:**\n>\n> Something else."):
        reply = grace.reply(discussion, body, quotes=[{"sourceId": source, "text": text}])
        assert body_of(grace, reply).endswith(f"\n\n{body}")
        quote = quotes_of(grace, reply, SOURCE)[0]
        assert quote["source"] == {"__typename": "Reply", "id": source}
        assert (quote["attributedName"], quote["status"]) == (ada.name, "VERBATIM")
        assert body_of(grace, reply).startswith("> **Ada")
        assert ids_in_html(grace, reply) == [each["id"] for each in quotes_of(grace, reply)]


def test_several_given_quotes_stand_in_their_order_before_the_body(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start("Opening words.")
    first, second = ada.reply(discussion, "First words."), grace.reply(discussion, "Second words.")
    given = [
        {"sourceId": source, "text": text} for source, text in ((second, "Second words."), (first, "First words."))
    ]
    given.append({"sourceId": discussion, "text": "Opening words."})
    body = "> First words.\n\nI like the first."
    reply = grace.reply(discussion, body, quotes=given)
    read = quotes_of(grace, reply, SOURCE)
    assert [quote["source"]["id"] for quote in read] == [second, discussion, first]
    assert read[1]["source"]["__typename"] == "Discussion"
    assert ids_in_html(grace, reply) == [quote["id"] for quote in read]


@pytest.mark.parametrize("attribution", ["**{name} said:**", "@{handle} wrote:", "[{name}](/d/{number}#reply-1):"])
def test_a_blockquote_that_opens_with_an_attribution_finds_its_source(people: People, attribution: str) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, "The sky is blue.")
    ada.reply(discussion, "The sea is blue.")
    opening = attribution.format(name=ada.name, handle=ada.handle, number=discussion[2:])
    for between in ("\n> ", "\n>\n> "):
        quote = one(grace, grace.reply(discussion, f"> {opening}{between}The sky is blue.\n\nIndeed."))
        assert quote["source"] == {"__typename": "Reply", "id": source}
        assert quote["bodyText"] == "The sky is blue."
        assert quote["attributedName"] in (ada.name, ada.handle)
        assert (quote["status"], quote["sourceVersion"]) == ("VERBATIM", 1)


def test_the_url_of_a_post_names_it_as_a_source_on_this_site_only(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion, elsewhere = ada.start("The sea is blue."), ada.start()
    source = ada.reply(discussion, "The sky is blue.")
    for post, words in ((source, "The sky is blue."), (discussion, "The sea is blue.")):
        url = ada.node(post, "... on Post { url }")["url"]
        assert one(grace, grace.reply(elsewhere, f"> [there]({url}):\n> {words}"))["source"]["id"] == post
        foreign = re.sub("//[^/]*/", "//other.example/", url)
        assert one(grace, grace.reply(elsewhere, f"> [there]({foreign}):\n> {words}"))["status"] == "UNRESOLVED"


def test_true_words_under_the_name_of_somebody_else_are_altered(people: People) -> None:
    def called(handle: str, name: str) -> Person:
        person = Person(people.http, signed(claims(handle, name=name)), handle, name)
        person.ask("{ viewer { isGuest } }")
        return person

    canary, grace = secrets.token_hex(4), people("Grace")
    ada = called(f"ada-{canary}", f"Ada Lovelace{canary}")
    renamed, cy = called(ada.handle, f"Ada King{canary}"), called(f"cy-{canary}", f"Cy Young{canary}")
    discussion = grace.start()
    source = renamed.reply(discussion, "My true words are these, and not others.")
    link = f"/d/{discussion[2:]}#reply-1"
    given = [{"sourceId": source, "text": "My true words are these"}]
    surname = f"King{canary}"
    for name in (renamed.name, ada.name, ada.handle, f"@{ada.handle}", surname, surname.upper(), "?"):
        for opening, quotes in ((f"[{name} said:]({link})", []), (f"**{name} said:**", given)):
            body = f"> {opening}\n>\n> My true words are these\n\nSo."
            quote = one(grace, grace.reply(discussion, body, quotes=quotes))
            assert quote["status"] == "VERBATIM", opening
    for opening in (f"[there]({link}):", f"[#1]({link})", f"[This post]({link}):"):
        quote = one(grace, grace.reply(discussion, f"> {opening}\n> My true words are these"))
        assert quote["status"] == "VERBATIM", opening
    made_up = [f"{ada.name} Byron", "Nobody Known", f"@no-{ada.handle}", f"Adam{canary}"]
    for name in (cy.name, cy.name.upper(), cy.handle, f"@{cy.handle}", *made_up):
        for opening, quotes in ((f"[{name} said:]({link})", []), (f"**{name} said:**", given)):
            for words in ("My true words are these", "My true \u2026 are these"):
                tied = [{**each, "text": words} for each in quotes]
                quote = one(grace, grace.reply(discussion, f"> {opening}\n>\n> {words}\n\nSo.", quotes=tied))
                assert (quote["status"], quote["source"]["id"]) == ("ALTERED", source), opening
    reply = grace.reply(discussion, f"> [{cy.name}]({link}):\n> My true words are these")
    assert one(grace, reply)["status"] == "ALTERED"
    # It was decided when it was written.
    called(ada.handle, f"Cy Ada{canary}")
    renamed.edit(source, "I say: my true words are these, and not others.")
    assert one(grace, reply)["status"] == "ALTERED"
    grace.edit(reply, f"> [#1]({link})\n> My true words are these")
    assert one(grace, reply)["status"] == "VERBATIM"


def test_an_attribution_means_the_parent_or_the_latest_post_with_it(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start("Blue is the sky.")
    first = ada.reply(discussion, "Blue is the sky, I say.")
    body = f"> **{ada.name} said:**\n>\n> Blue is the sky\n\nIndeed."
    assert one(grace, grace.reply(discussion, body))["source"]["id"] == first
    second = ada.reply(discussion, "Again: blue is the sky!")
    assert one(grace, grace.reply(discussion, body))["source"]["id"] == second
    assert one(grace, grace.reply(discussion, body, to=first))["source"]["id"] == first
    # Words that somebody only quotes are not theirs.
    assert (
        one(grace, ada.reply(discussion, f"> **{grace.name} said:**\n>\n> Blue is the sky"))["status"] == "UNRESOLVED"
    )


def test_nested_blockquotes_are_nested_quotes(people: People) -> None:
    ada, grace, lin = people.several("Ada", "Grace", "Lin")
    discussion = ada.start()
    inner = ada.reply(discussion, "Innermost words.")
    middle = grace.reply(discussion, f"> **{ada.name} said:**\n>\n> Innermost words.\n\nMiddle words.", inner)
    body = (
        f"> **{grace.name} said:**\n>\n> > **{ada.name} said:**\n> >\n> > Innermost words.\n>\n> Middle words.\n\n"
        f"Outer words.\n\n> **{ada.name} said:**\n>\n> Innermost words."
    )
    reply = lin.reply(discussion, body, middle)
    outermost = quotes_of(lin, reply, SOURCE)
    assert [quote["source"]["id"] for quote in outermost] == [middle, inner]
    everything = quotes_of(lin, reply, SOURCE, depth=9)
    assert [quote["depth"] for quote in everything] == [0, 1, 0]
    assert [quote["source"]["id"] for quote in everything] == [middle, inner, inner]
    assert [quote["parent"] for quote in everything] == [None, {"id": everything[0]["id"]}, None]
    assert [quote["status"] for quote in everything] == ["VERBATIM"] * 3
    assert ids_in_html(lin, reply) == [quote["id"] for quote in everything]
    assert len(set(ids_in_html(lin, reply))) == 3
    assert "Innermost words." in everything[0]["bodyText"] and "Middle words." in everything[0]["bodyText"]
    query = "query ($id: ID!) { node(id: $id) { ... on Post { quotes(maxDepth: -1) { id } } } }"
    assert lin.codes(query, id=reply) == ["BAD_ARGUMENT"]


def test_each_status_follows_the_source(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, "The sky is blue. The sea is wide.")
    given = [{"sourceId": source, "text": "The sky is blue."}]
    said = grace.reply(discussion, "> The sky is blue.", quotes=given)
    never = grace.reply(discussion, "> The sky is red.", quotes=[{"sourceId": source, "text": "The sky is red."}])
    nowhere = grace.reply(discussion, "> **Nobody said:**\n>\n> The sky is blue.")

    def statuses() -> list[str]:
        return [one(people.reader, post)["status"] for post in (said, never, nowhere)]

    assert statuses() == ["VERBATIM", "ALTERED", "UNRESOLVED"]
    ada.edit(source, "The sea is wide.", 1)
    assert statuses() == ["SOURCE_EDITED", "ALTERED", "UNRESOLVED"]
    ada.edit(source, "The sky is red.", 2)
    assert statuses() == ["SOURCE_EDITED", "VERBATIM", "UNRESOLVED"]
    ada.edit(source, "So the sky is blue, and the sea? THE SKY IS BLUE.", 3)
    assert statuses() == ["VERBATIM", "ALTERED", "UNRESOLVED"]
    ada.delete(source)
    assert statuses() == ["SOURCE_DELETED", "SOURCE_DELETED", "UNRESOLVED"]
    gone = one(people.reader, said)
    assert (gone["source"]["id"], gone["sourceVersion"], gone["attributedTo"]) == (source, 1, None)


OMISSIONS = "omissions { start length }"


@pytest.mark.parametrize("ellipsis", ["\u2026", "...", "[\u2026]", "[...]", "(...)"])
def test_an_ellipsis_abridges_a_quote_and_is_marked(people: People, ellipsis: str) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, "The sky is blue. It is not green. The sea is wide \U0001f600 and deep.")
    words = f"The sky is blue. {ellipsis} The sea is wide \U0001f600 {ellipsis} deep."
    attributed = f"> **{ada.name} said:**\n>\n> {words}"
    either: list[Data] = [{"quotes": [{"sourceId": source, "text": words}]}, {}]
    for more in either:
        quote = quotes_of(grace, grace.reply(discussion, attributed, **more), f"{OMISSIONS} source {{ id }}")[0]
        assert (quote["status"], quote["source"]) == ("ABRIDGED", {"id": source})
        units = quote["bodyText"].encode("utf-16-le")
        marked = [units[2 * at["start"] : 2 * (at["start"] + at["length"])] for at in quote["omissions"]]
        assert [text.decode("utf-16-le") for text in marked] == [ellipsis, ellipsis]
    post = grace.reply(discussion, attributed)
    ada.edit(source, "The sky is blue. Nothing else is.")
    quote = quotes_of(grace, post, OMISSIONS)[0]
    assert (quote["status"], len(quote["omissions"])) == ("SOURCE_EDITED", 2)
    # Another post that the ellipsis fits, so a status that the source got later.
    ada.edit(source, f"{words} Nothing else is.", 2)
    assert quotes_of(grace, post, OMISSIONS)[0] | {"omissions": []} == quote | {"status": "VERBATIM", "omissions": []}


def test_other_quotes_have_no_omissions(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, "Well ... the sky is blue, and the sea is wide, and so on.")
    for words, status in (
        ("Well \u2026 the sky", "VERBATIM"),
        ("The sky \u2026 is red", "ALTERED"),
        ("\u2026", "ALTERED"),
    ):
        reply = grace.reply(discussion, f"> {words}\n\nSo.", quotes=[{"sourceId": source, "text": words}])
        quote = quotes_of(grace, reply, OMISSIONS)[0]
        assert (quote["status"], quote["omissions"]) == (status, [])


def test_a_quote_of_snippets_is_altered(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    words = [f"w{number}" for number in range(60)]
    source = ada.reply(discussion, " ".join(words))
    for parts, status in ((21, "ABRIDGED"), (22, "ALTERED")):
        text = " \u2026 ".join(words[: 2 * parts : 2])
        reply = grace.reply(discussion, f"> {text}\n\nSo.", quotes=[{"sourceId": source, "text": text}])
        quote = quotes_of(grace, reply, OMISSIONS)[0]
        assert quote["status"] == status
        assert len(quote["omissions"]) == (20 if status == "ABRIDGED" else 0)


def test_nobody_is_attributed_what_no_source_of_theirs_says(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    for opening in (f"**{ada.name} said:**", f"@{ada.handle} wrote:"):
        quote = one(grace, grace.reply(discussion, f"> {opening}\n>\n> I stole the money."))
        assert (quote["status"], quote["source"], quote["attributedTo"]) == ("UNRESOLVED", None, None)
        assert quote["attributedName"] in (ada.name, ada.handle)
        assert grace.node(quote["id"], "... on Quote { attributedTo { handle } }")["attributedTo"] is None


@pytest.mark.parametrize(
    "invented", ["> I resign.", "![](https://other.example/x.png)", "---", "[](https://other.example)", ""]
)
def test_a_quote_without_words_of_the_source_is_not_verbatim(people: People, invented: str) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, "Plain words here.")
    link = f"[{ada.name} said:](/d/{discussion[2:]}#reply-1)"
    for words in (
        invented,
        f"Plain words here.\n\n{invented}" if invented not in ("", "[](https://other.example)") else "",
    ):
        inside = "".join(f"\n> {line}" for line in words.split("\n"))
        for quote in quotes_of(grace, grace.reply(discussion, f"> {link}\n>{inside}\n\nHm."), SOURCE, depth=9):
            assert quote["status"] in ("ALTERED", "UNRESOLVED"), (words, source)


def test_deleting_the_discussion_deletes_the_sources_in_it(people: People) -> None:
    ada, grace, moderator = people("Ada"), people("Grace"), people("Mo", moderator=True)
    discussion, elsewhere = ada.start("Opening words."), grace.start()
    source = ada.reply(discussion, "Other words.")
    given = [{"sourceId": discussion, "text": "Opening words."}, {"sourceId": source, "text": "Other words."}]
    reply = grace.reply(elsewhere, "Indeed.", quotes=given)
    assert [quote["status"] for quote in quotes_of(grace, reply)] == ["VERBATIM", "VERBATIM"]
    moderator.write("deleteDiscussion", discussionId=discussion)
    assert [quote["status"] for quote in quotes_of(grace, reply)] == ["SOURCE_DELETED", "SOURCE_DELETED"]


def test_a_quote_knows_the_version_that_was_quoted(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, "The sky is blue.")
    ada.edit(source, "The sky is red.")

    def quote(who: Person, text: str, **more: Any) -> tuple[int, str]:
        made = one(who, who.reply(discussion, f"> {text}", quotes=[{"sourceId": source, "text": text} | more]))
        return made["sourceVersion"], made["status"]

    for who in (ada, grace):
        assert quote(who, "The sky is red.") == (2, "VERBATIM")
        assert quote(who, "The sky is red.", sourceVersion=2) == (2, "VERBATIM")
        assert quote(who, "The sky is blue.", sourceVersion=2) == (2, "ALTERED")
        assert quote(who, "The sky is green.") == (2, "ALTERED")
    # Earlier versions are for their author; test_superseded_words.py has who else may quote them.
    assert quote(ada, "The sky is blue.", sourceVersion=1) == (1, "SOURCE_EDITED")
    assert quote(ada, "The sky is blue.") == (1, "SOURCE_EDITED")
    assert quote(grace, "The sky is blue.", sourceVersion=1) == quote(grace, "The sky is blue.") == (2, "ALTERED")


def test_a_source_or_version_that_is_not_there_is_refused(people: People) -> None:
    ada = people()
    discussion = ada.start("Words.")
    source, deleted = ada.reply(discussion, "Words."), ada.reply(discussion, "Words.")
    ada.delete(deleted)
    good = {"sourceId": source, "text": "Words."}
    for absent in ("R_999999999", "D_999999999", deleted, "U_1", "x", "\0"):
        error = ada.refused(
            "addReply", discussionId=discussion, body="> Words.", quotes=[good, good | {"sourceId": absent}]
        )
        assert error == MISSING | {"path": ["input", "quotes", "1", "sourceId"]}
    for version in (0, 2, -1):
        error = ada.refused(
            "addReply", discussionId=discussion, body="Mine.", quotes=[good | {"sourceVersion": version}]
        )
        assert error == MISSING | {"path": ["input", "quotes", "0", "sourceVersion"]}
    for text in ("", "  ", "\0", "\u200b", ">"):
        error = ada.refused("addReply", discussionId=discussion, body="Mine.", quotes=[good | {"text": text}])
        assert error == {"__typename": "InvalidText", "code": "INVALID_TEXT", "path": ["input", "quotes", "0", "text"]}


def test_ids_and_ties_are_kept_across_edits_of_the_quoting_post(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    one_source, other_source = ada.reply(discussion, "The same words."), grace.reply(discussion, "The same words.")
    third = ada.reply(discussion, "Other words.")
    # Two quotes with the same words and no attribution: each stays tied to its own source.
    sources = (one_source, other_source, third)
    texts = ("The same words.", "The same words.", "Other words.")
    given = [{"sourceId": source, "text": text} for source, text in zip(sources, texts, strict=True)]
    body = "> The same words.\n\nOne.\n\n> The same words.\n\nTwo.\n\n> Other words."
    reply = grace.reply(discussion, body, quotes=given)
    before = quotes_of(grace, reply, SOURCE)
    assert [quote["source"]["id"] for quote in before] == list(sources)
    ada.edit(one_source, "Changed.")

    edited = "> **Lin said:**\n>\n> Nobody knows.\n\n" + body.replace("One.", "Edited.")
    grace.edit(reply, edited, 1)
    new, *kept = quotes_of(grace, reply, SOURCE)
    assert new["status"] == "UNRESOLVED"
    assert [(quote["id"], quote["source"]["id"], quote["sourceVersion"]) for quote in kept] == [
        (quote["id"], quote["source"]["id"], quote["sourceVersion"]) for quote in before
    ]
    assert [quote["status"] for quote in kept] == ["SOURCE_EDITED", "VERBATIM", "VERBATIM"]
    assert ids_in_html(grace, reply) == [quote["id"] for quote in [new, *kept]]
    # Other words are another quote, and what has gone takes its quote along.
    grace.edit(reply, "> Other   words.\n\nAlone.", 2)
    assert [quote["id"] for quote in quotes_of(grace, reply)] == [before[2]["id"]]
    grace.edit(reply, "No quotes.", 3)
    assert quotes_of(grace, reply) == []
    assert ada.node(third, "... on Post { quotedBy { totalCount } }")["quotedBy"]["totalCount"] == 0
    assert grace.node(before[2]["id"], "id") is None


def test_an_edit_of_the_opening_post_keeps_its_quotes(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    source = ada.reply(ada.start(), "Quoted words.")
    discussion = grace.start("> Quoted words.", quotes=[{"sourceId": source, "text": "Quoted words."}])
    before = one(grace, discussion)
    grace.write("editDiscussion", discussionId=discussion, expectedVersion=1, title="Another title")
    assert one(grace, discussion) == before
    grace.write("editDiscussion", discussionId=discussion, expectedVersion=2, body="Now:\n\n> Quoted words.")
    assert one(grace, discussion) == before
    given = [{"sourceId": source, "text": "Quoted words."}]
    grace.write("editDiscussion", discussionId=discussion, expectedVersion=3, body="Indeed.", quotes=given)
    assert one(grace, discussion)["source"]["id"] == source


def test_a_post_lists_the_posts_that_quote_it(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion, elsewhere = ada.start(), grace.start()
    source = ada.reply(discussion, "Some words. More words.")
    texts = ("Some words.", "More words.")
    made = [
        grace.reply(where, f"> {text}", quotes=[{"sourceId": source, "text": text}])
        for where in (discussion, elsewhere)
        for text in texts
    ]
    query = """query ($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Post {
        quotedBy(first: $first, after: $after) {
            totalCount pageInfo { endCursor hasNextPage } nodes { bodyText source { id } post { id } } } } } }"""
    found, after = [], None
    for more in (True, False):
        page = ada.ask(query, id=source, first=2, after=after)["node"]["quotedBy"]
        assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (4, more)
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
    assert [quote["post"]["id"] for quote in found] == made
    assert {quote["source"]["id"] for quote in found} == {source}
    grace.delete(made[0])
    assert ada.ask(query, id=source)["node"]["quotedBy"]["totalCount"] == 3
    assert ada.codes(query, id=source, after="nonsense") == ["BAD_CURSOR"]


def test_each_quoting_post_gets_one_event_when_its_source_changes(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion, elsewhere = ada.start(), grace.start()
    source = ada.reply(discussion, "Some words. More words.")
    given = [{"sourceId": source, "text": text} for text in ("Some words.", "More words.")]
    here, there = grace.reply(discussion, "Twice.", quotes=given), grace.reply(elsewhere, "Once.", quotes=given[:1])
    start, start_elsewhere = ada.cursor(discussion), ada.cursor(elsewhere)
    kinds = "... on QuoteStatusChanged { post { id quotes { status } } } ... on ReplyEdited { reply { id } }"

    def told(where: str, cursor: str) -> list[Data]:
        return [event for event in ada.events(where, cursor, kinds) if event["__typename"] == "QuoteStatusChanged"]

    ada.edit(source, "Some words.")
    eventually(lambda: len(told(discussion, start)) + len(told(elsewhere, start_elsewhere)) >= 2, "both to be told")
    (event,) = told(discussion, start)
    statuses = [{"status": "VERBATIM"}, {"status": "SOURCE_EDITED"}]
    assert event["post"] == {"id": here, "quotes": statuses} and event["clientMutationId"] is None
    (event,) = told(elsewhere, start_elsewhere)
    assert event["post"] == {"id": there, "quotes": statuses[:1]}
    assert numbers(ada.events(discussion, start)) == [3, 4]

    ada.delete(source)
    eventually(
        lambda: len(told(discussion, start)) + len(told(elsewhere, start_elsewhere)) >= 4, "both to be told again"
    )
    for where, cursor, post in ((discussion, start, here), (elsewhere, start_elsewhere, there)):
        events = told(where, cursor)
        assert [event["post"]["id"] for event in events] == [post, post]
        assert {quote["status"] for quote in events[-1]["post"]["quotes"]} == {"SOURCE_DELETED"}


def test_a_quote_of_a_deleted_post_gets_no_further_events(people: People) -> None:
    ada, grace = people.several("Ada", "Grace")
    discussion = ada.start()
    source = ada.reply(discussion, "Words.")
    quoting, other = (
        grace.reply(discussion, "> Words.", quotes=[{"sourceId": source, "text": "Words."}]) for _ in range(2)
    )
    grace.delete(quoting)
    start = ada.cursor(discussion)
    ada.edit(source, "Other.")
    eventually(lambda: len(ada.events(discussion, start)) >= 2, "the other to be told")
    told = ada.events(discussion, start, "... on QuoteStatusChanged { post { id } }")
    assert [event.get("post") for event in told] == [None, {"id": other}]
    assert status_is(ada, other, "SOURCE_EDITED")
