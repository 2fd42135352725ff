"""Reading: long threads, links to replies, narrow screens, right-to-left text, no JavaScript, and search."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, Visitors, is_live, path_of, reply_of, shown, until
from tests.support.http import Client, Discussion, People, Person
from tests.support.servers import Parley

REPLIES = 1_000


@pytest.fixture(scope="module")
def long(server: Parley) -> Iterator[Discussion]:
    """A thousand replies: a hundred answer the opening post, and have eight answers each, the last of them answered."""
    parents: list[int] = []
    for _ in range(REPLIES // 10):
        top = len(parents) + 1
        parents += [0, *[top] * 8, top + 8]
    with Client.of(server) as client:
        discussion = client.start_discussion("edith", "A thousand replies")
        client.add_replies(discussion, parents, ("edith", "radia"))
        yield discussion


def test_scrolling_loads_a_thousand_replies_in_order(visit: Visitors, long: Discussion) -> None:
    page = visit(f"/d/{long.number}")
    is_live(page)
    page.evaluate(
        """() => {
            window.changed = 0;
            const isArticle = node => node.nodeName === "ARTICLE";
            new MutationObserver(records => {
                for (const { addedNodes, removedNodes } of records) {
                    window.changed += [...addedNodes, ...removedNodes].filter(isArticle).length;
                }
            }).observe(document.querySelector(".reply-list"), { childList: true });
        }"""
    )
    replies = page.locator("article[data-sequence]")
    count = there = replies.count()
    assert count < REPLIES / 4, "Pages come as they are needed."

    def goes_on() -> bool:
        page.mouse.wheel(0, 4_000)
        return replies.count() > there

    page.mouse.move(600, 400)
    while there < REPLIES:
        until(page, goes_on, f"the replies after {there}")
        there = replies.count()
    assert shown(page) == list(range(1, REPLIES + 1))
    assert page.evaluate("window.changed") == REPLIES - count, "Each reply is put into the page once, and stays."


def test_a_link_to_a_reply_loads_the_replies_around_it(visit: Visitors, long: Discussion) -> None:
    page = visit(f"/d/{long.number}#reply-500")
    expect(reply_of(page, 500)).to_be_focused()
    expect(reply_of(page, 500)).to_be_in_viewport()
    found = shown(page)
    assert found[0] > 1
    page.mouse.move(600, 400)

    def goes_on_above() -> bool:
        page.mouse.wheel(0, -700)
        return shown(page)[0] < found[0]

    until(page, goes_on_above, "the page before")
    assert shown(page) == list(range(shown(page)[0], found[-1] + 1))
    page.goto(f"{visit.url}/d/{long.number}#reply-900")
    expect(reply_of(page, 900)).to_be_in_viewport()


def test_deep_replies_are_loaded_on_request(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "Deep")
    parent: str | None = None
    for depth in range(10):
        parent = ada.reply(discussion, f"At depth {depth}.", to=parent)
    page = visit(path_of(discussion))
    more = page.locator("[data-more]")
    expect(more).to_contain_text("more replies")
    before = shown(page)
    assert before == list(range(1, len(before) + 1))
    assert len(before) < 10
    while more.count():
        held = len(shown(page))
        more.first.click()
        until(page, lambda held=held: len(shown(page)) > held, "the answers below")  # type: ignore[misc]
    assert shown(page) == list(range(1, 11))
    reply_of(page, 2).locator("[data-action=collapse]").click()
    until(page, lambda: shown(page) == [1, 2], "the collapse")
    reply_of(page, 2).locator("[data-action=collapse]").click()
    until(page, lambda: len(shown(page)) == 10, "the expansion")


def test_no_view_is_wider_than_a_phone(visit: Visitors, ada: Person) -> None:
    code = "```\n" + "a long line of code " * 20 + "\n```"
    table = "| a | b | c |\n|---|---|---|\n" + f"| {'wide ' * 20}| {'wider ' * 20} | c |"
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
    discussion = ada.start(f"{code}\n\n{table}\n\n{word}", f"Wide {word}"[:200])
    parent: str | None = None
    for _ in range(6):
        parent = ada.reply(discussion, f"{word} https://example.org/{'path/' * 40}", to=parent)
    page = visit(path_of(discussion), ada, screen=PHONE, has_touch=True, is_mobile=True)
    is_live(page)
    for place in (path_of(discussion), "/", "/#new", "/search?q=wide"):
        page.goto(visit.url + place)
        expect(page.locator("main#main")).to_be_visible()
        until(page, lambda: bool(page.evaluate("document.readyState === 'complete'")), "the page")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], place
    page.goto(visit.url + path_of(discussion))
    page.locator("[data-action=reply-opening], [data-action=reply]").first.click()
    expect(page.locator("#composer-text")).to_be_in_viewport()


def test_right_to_left_text_leaves_its_surroundings_in_place(visit: Visitors, people: People) -> None:
    ada = people("עדה לאבלייס")
    discussion = ada.start("שלום, עולם. 1, 2, 3!", "כותרת בעברית (1)")
    ada.reply(discussion, "English again, with \u202eoverriding\u202c marks.")
    page = visit(path_of(discussion))
    is_live(page)
    directions = page.evaluate(
        """() => ({
            title: getComputedStyle(document.querySelector("h1")).direction,
            words: getComputedStyle(document.querySelector("#opening .post-body p")).direction,
            reply: getComputedStyle(document.querySelector("#reply-1 .post-body p")).direction,
            page: getComputedStyle(document.body).direction,
            name: document.querySelector("#reply-1 .name").tagName,
        })"""
    )
    assert directions == {"title": "rtl", "words": "rtl", "reply": "ltr", "page": "ltr", "name": "BDI"}
    # The number and the time of a reply stay where they are, whatever its author's name is written in.
    name, when = (reply_of(page, 1).locator(part).bounding_box() for part in (".name", ".when"))
    assert name is not None
    assert when is not None
    assert name["x"] < when["x"]


@pytest.mark.tolerates("the server responded with a status of 404")
def test_a_picture_that_fails_says_what_and_whose_it_is(visit: Visitors, ada: Person, server: Parley) -> None:
    discussion = ada.start(f"Look: ![A red boot]({server.url}/boot.png)", "A picture")
    page = visit(path_of(discussion))
    place = page.locator(".broken-picture")
    expect(place).to_contain_text(f"A red bootThe picture from {server.url.removeprefix('http://')} can't be loaded.")
    expect(page.locator(".post-body img")).to_have_count(0)


def test_a_thread_can_be_read_without_javascript(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("The **opening** post.", "Without scripts")
    bo.reply(discussion, "The first reply.")
    page = visit("/", java_script_enabled=False)
    page.get_by_role("link", name="Without scripts").click()
    expect(page.get_by_role("heading", name="Without scripts")).to_be_visible()
    expect(page.locator("strong")).to_have_text("opening")
    expect(reply_of(page, 1)).to_contain_text("The first reply.")


def test_the_list_begins_at_its_top_where_scripts_run(visit: Visitors, ada: Person) -> None:
    ada.start("Further down.", "The one before")
    ada.start("At the top.", "The latest")
    after = ada.ask("{ discussions(first: 1) { pageInfo { endCursor } } }")["discussions"]["pageInfo"]["endCursor"]
    page = visit(f"/?after={after}")
    expect(page.locator(".discussion h2").first).to_have_text("The latest")
    expect(page).to_have_url(f"{visit.url}/")


def test_search_updates_while_typing_and_omits_deleted_posts(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "About quinces")
    ada.reply(discussion, "The quince is a <b>sour</b> fruit & keeps.")
    gone = ada.reply(discussion, "Nobody likes a quince.")
    page = visit("/")
    field = page.get_by_role("searchbox")
    field.fill("quinc")
    field.press("Enter")
    results = page.locator(".result")
    expect(results).to_have_count(1)
    page.get_by_role("link", name="Show all 3 posts").click()
    expect(results).to_have_count(3)
    expect(page.locator(".result mark").first).to_be_visible()
    expect(results.filter(has_text="sour")).to_contain_text("The quince is a <b>sour</b> fruit & keeps.")
    ada.delete(gone)
    field.press("End")
    field.press_sequentially("e")
    expect(results).to_have_count(2)
    expect(page.get_by_text("Nobody likes")).to_have_count(0)
    results.filter(has_text="sour").locator("h2 a").click()
    expect(reply_of(page, 1)).to_be_focused()


@pytest.mark.tolerates("the server responded with a status of 400")
def test_the_page_says_that_only_trusted_documents_run(
    visit: Visitors, server: Parley, ada: Person, tmp_path: Path
) -> None:
    discussion = ada.start("Words of the opening post.", "To be read only")
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"name": "query { site { name } }"}))
    trusting = Parley.start(
        database_url=str(server.settings["database_url"]),
        folder=tmp_path,
        persisted_documents="trusted",
        documents_manifest=manifest,
    )
    try:
        page = visit(path_of(discussion), url=trusting.url)
        expect(page.locator("[data-closed]")).to_contain_text("documents of its own clients")
        expect(page.get_by_text("Words of the opening post.")).to_be_visible()
        page.get_by_role("link", name="Parley").first.click()
        expect(page.get_by_role("link", name="To be read only")).to_be_visible()
    finally:
        trusting.stop()


def test_spoilers_are_hidden_until_they_are_opened(visit: Visitors, ada: Person) -> None:
    address = path_of(ada.start("It was the ||butler||.\n\n- [x] read\n- [ ] forget", "Who was it?"))
    hidden = "element => getComputedStyle(element).backgroundColor === getComputedStyle(element).color"
    plain = visit(address, java_script_enabled=False).locator(".spoiler")
    assert plain.evaluate(hidden)
    plain.focus()
    assert not plain.evaluate(hidden)

    page = visit(address)
    is_live(page)
    spoiler = page.locator(".spoiler")
    assert spoiler.evaluate(hidden)
    # Screen readers get its words no earlier.
    button = page.get_by_role("button", name="Spoiler", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_count(0)
    expect(spoiler).to_be_focused()
    assert not spoiler.evaluate(hidden)
    # The boxes of tasks are as large as their words.
    assert page.locator("[type=checkbox]").evaluate_all("all => all.every(({ offsetWidth }) => offsetWidth < 24)")
