"""Writing: quotes beside the text, tools with their keys, drafts that are saved, and a preview for everybody."""

import re

from playwright.sync_api import Page, expect

from tests.browser.pages import DESK, PHONE, Visitors, disconnect, is_live, path_of, reply_of, select, write
from tests.support.http import People, Person
from tests.support.scripts import SCRIPTS

PRESSED_WHILE_COMPOSING = """(area, [key, ctrlKey]) => area.dispatchEvent(
    new KeyboardEvent('keydown', { key, ctrlKey, isComposing: true, bubbles: true, cancelable: true }))"""
SIZES = (
    "all => all.map(one => one.getBoundingClientRect()).map(({ width, height }) => Math.round(Math.min(width, height)))"
)


def composer(page: Page) -> None:
    """Opens the composer of a reply to the opening post."""
    is_live(page)
    page.locator("[data-action=reply-opening]").first.click()
    expect(page.locator("#composer-text")).to_be_focused()


def quote(page: Page, sequence: int, text: str) -> None:
    """Selects words of a reply, and quotes them."""
    select(page, reply_of(page, sequence).locator(".post-body"), text)
    page.locator(".quote-button").click()
    expect(page.locator("#composer-text")).to_be_focused()


def test_quotes_are_chips_that_editing_cannot_break(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "Quoting three times")
    ada.reply(discussion, "The press is made of oak, and the screw of iron.")
    ada.reply(discussion, "It is old.")
    page = visit(path_of(discussion), bo)
    text, chips = page.locator("#composer-text"), page.locator(".quote-chip")
    is_live(page)
    quote(page, 1, "the screw of iron")
    quote(page, 1, "made of oak")
    quote(page, 2, "It is old")
    text.fill("> A quote of nobody.\n\nMy words.")
    # They survive a reload, as the text does.
    page.reload()
    is_live(page)
    reply_of(page, 1).locator("[data-action=reply]").click()
    expect(chips).to_have_count(3)
    chips.nth(2).locator("[data-action=remove-quote]").click()
    expect(chips).to_have_count(2)
    expect(text).to_be_focused()
    # One goes into the text, to be answered there, and undo takes that back.
    chips.nth(1).locator("[data-action=into-text]").click()
    expect(chips).to_have_count(1)
    written = f"> A quote of nobody.\n\nMy words.\n\n> **{ada.name} said:**\n>\n> made of oak\n\n"
    expect(text).to_have_value(written)
    text.press("Control+z")
    expect(text).to_have_value("> A quote of nobody.\n\nMy words.")
    text.press("Control+Shift+z")
    expect(text).to_have_value(written)
    page.keyboard.type("Of oak?")
    text.press("Control+Enter")
    quotes = reply_of(page, 3).locator("blockquote[data-quote-id]")
    expect(quotes).to_have_count(2)
    expect(quotes.nth(0)).to_contain_text("the screw of iron")
    expect(quotes.nth(1)).to_contain_text("made of oak")
    for at in (0, 1):
        expect(quotes.nth(at).locator(".quote-source")).to_have_attribute("data-status", "VERBATIM")


def test_a_post_is_quoted_with_its_numbers_and_notes(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "Numbers and notes")
    ada.reply(
        discussion, f"3. Number one.\n4. Two.\n   - [x] done\n\nSo[^a b], @{ada.handle}: [^why].\n\n[^why]: Because."
    )
    # The links in bodies name the public origin; the page is open at another one of the same server.
    page = visit(path_of(discussion), bo, url=visit.url.replace("127.0.0.1", "localhost"))
    is_live(page)
    page.evaluate("window.isSamePage = true")
    reply_of(page, 1).locator("[data-action=quote]").click()
    write(page, "All of it.")
    # The number of an item goes with its beginning.
    select_from(page, "one.", to="Two.")
    page.locator(".quote-button").click()
    write(page, "A part.")
    for reply in (2, 3):
        quote = reply_of(page, reply).locator("blockquote[data-quote-id]")
        expect(quote.locator(".quote-source")).to_have_attribute("data-status", "VERBATIM")
    expect(reply_of(page, 2).locator("blockquote")).to_contain_text("Because.")
    expect(reply_of(page, 3).locator("blockquote")).to_contain_text("4. Two.")
    # Who is mentioned is a link that the page follows itself.
    reply_of(page, 1).locator(".mention").click()
    expect(page.get_by_role("heading", name=ada.name)).to_be_visible()
    assert page.evaluate("window.isSamePage")


def select_from(page: Page, begin: str, *, to: str) -> None:
    """Selects from the beginning of a text of the first reply to the end of another one."""
    page.evaluate(
        """([begin, end]) => {
            const body = document.querySelector("#reply-1 .post-body");
            const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
            const range = document.createRange();
            for (let node = texts.nextNode(); node; node = texts.nextNode()) {
                if (node.data.includes(begin)) range.setStart(node, node.data.indexOf(begin));
                if (node.data.includes(end)) range.setEnd(node, node.data.indexOf(end) + end.length);
            }
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }""",
        [begin, to],
    )


def test_tools_and_their_keys_format_the_text(visit: Visitors, ada: Person) -> None:
    page = visit(path_of(ada.start("To begin with.", "Tools")), ada, screen=PHONE)
    composer(page)
    text = page.locator("#composer-text")
    # On a phone, what is pressed is as large as a finger.
    assert min(page.locator(".composer button").evaluate_all(SIZES)) >= 44
    text.fill("word")
    text.press("Control+a")
    text.press("Control+b")
    expect(text).to_have_value("**word**")
    # Undo takes back what a tool did.
    text.press("Control+z")
    expect(text).to_have_value("word")
    text.press("Control+a")
    page.locator("[data-tool=italic]").click()
    expect(text).to_have_value("_word_")
    expect(text).to_be_focused()
    text.press("Control+Shift+Period")
    expect(text).to_have_value("> _word_")
    # The tools are one stop of Tab, and the arrow keys move within.
    text.press("Shift+Tab")
    expect(page.locator("[data-tool=bold]")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-tool=italic]")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("[data-tool=spoiler]")).to_be_focused()
    text.fill("كلمة")
    text.press("Control+a")
    page.locator("[data-tool=spoiler]").click()
    text.press("Control+Enter")
    expect(reply_of(page, 1).locator(".spoiler")).to_have_text("كلمة")
    # The form that edits it has them too, and opens from its menu.
    reply_of(page, 1).locator("[data-action=more]").click()
    reply_of(page, 1).get_by_role("button", name="Edit").click()
    page.locator(".editing [data-tool=quote]").click()
    expect(page.locator(".editing textarea")).to_have_value("> ||كلمة||")


def test_a_draft_says_whether_it_is_saved(visit: Visitors, ada: Person) -> None:
    page = visit(path_of(ada.start("To begin with.", "Drafts")), ada)
    composer(page)
    text = page.locator("#composer-text")
    expect(page.locator("[data-saved]")).to_have_count(0)
    text.fill("にほ")
    expect(page.locator("[data-saved=true]")).to_have_text("Draft saved")
    # The keys of an input method are left to it.
    for key in ("Enter", "Escape"):
        text.evaluate(PRESSED_WHILE_COMPOSING, [key, key == "Enter"])
    expect(text).to_have_value("にほ")
    page.reload()
    composer(page)
    expect(text).to_have_value("にほ")
    page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') } }"
    )
    text.fill("にほん")
    expect(page.locator("[data-saved=false]")).to_be_visible()
    page.reload()
    composer(page)
    write(page, "にほんご")
    expect(reply_of(page, 1)).to_contain_text("にほんご")


def test_readers_preview_before_they_sign_in(visit: Visitors, ada: Person) -> None:
    page = visit(path_of(ada.start("To begin with.", "A preview for everybody")))
    composer(page)
    page.locator("#composer-text").fill("It is **bold**.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview strong")).to_have_text("bold")


def test_people_are_suggested_and_completed_in_every_script(visit: Visitors, people: People) -> None:
    ada, stranger = people("Ada"), people("Stranger")
    stranger.start("Not in this discussion.", "Elsewhere")
    discussion = ada.start("To begin with.", "Names of all scripts")
    authors = people.several(*(script.name for script in SCRIPTS))
    for author in authors:
        author.reply(discussion, "Here.")
    page = visit(path_of(discussion), ada)
    composer(page)
    text, options = page.locator("#composer-text"), page.get_by_role("option")
    for script, author in zip(SCRIPTS, authors, strict=True):
        text.fill("")
        page.keyboard.insert_text(f"@{script.name[:3].strip()}")
        expect(options.first).to_contain_text(author.name)
        expect(options.first).to_have_attribute("aria-selected", "true")
        handle = options.first.locator(".handle").inner_text()
        text.press("Enter")
        expect(text).to_have_value(f"{handle} ")
        expect(options).to_have_count(0)
    written = text.input_value()
    # After the @ alone all near by are suggested, and Enter is a new line; Escape closes the list, not the composer.
    text.press("@")
    expect(options).to_have_count(6)
    expect(text).to_have_attribute("aria-controls", "composer-text-people")
    text.press("Enter")
    expect(text).to_have_value(f"{written}@\n")
    text.press("@")
    text.press("Escape")
    expect(options).to_have_count(0)
    text.press_sequentially("s")
    expect(options).to_have_count(0)
    expect(text).to_have_value(f"{written}@\n@s")
    # By arrow keys and Tab, while an input method composes by pointer alone, and in the form that edits a post.
    text.fill("@")
    text.press("ArrowUp")
    expect(options.nth(5)).to_have_attribute("aria-selected", "true")
    last = options.nth(5).get_attribute("id") or ""
    expect(text).to_have_attribute("aria-activedescendant", last)
    text.press("ArrowDown")
    handle = options.first.locator(".handle").inner_text()
    text.press("Tab")
    expect(text).to_have_value(f"{handle} ")
    expect(text).to_be_focused()
    page.keyboard.insert_text("@서")
    expect(options).to_have_count(1)
    text.evaluate(PRESSED_WHILE_COMPOSING, ["Enter", False])
    options.first.click()
    expect(text).to_have_value(re.compile(rf"^{handle} @서준\S+ $"))
    page.keyboard.press("Escape")
    page.locator("#opening [data-action=edit]").click()
    edited = page.locator(".editing textarea")
    edited.fill("@")
    expect(options).to_have_count(6)
    box = page.locator(".suggestions").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= DESK["width"]
    # Without the server, those near by are all.
    disconnect(page)
    edited.fill("@서")
    expect(options).to_have_count(1)
    # The server knows others, and is asked for no empty name.
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.post_data or ""))
    page.goto(page.url.split("/d/")[0] + "/#new")
    text = page.locator("#new-text")
    text.fill("@")
    text.press_sequentially(stranger.handle[:14])
    expect(options).to_have_count(1)
    text.press("Tab")
    expect(text).to_have_value(f"@{stranger.handle} ")
    asked = [request for request in requests if "people(query" in request]
    assert asked and all('"query":""' not in request for request in asked)
