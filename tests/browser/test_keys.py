"""Keys work from anywhere on the page but text fields, and what is open closes by Escape."""

from playwright.sync_api import expect

from tests.browser.pages import Visitors, is_live, path_of, reply_of, select, shown
from tests.support.http import Person


def discussion_of(ada: Person) -> str:
    discussion = ada.start("To begin with.", "Keys")
    first = ada.reply(discussion, "The first has some words.")
    ada.reply(discussion, "Below it.", to=first)
    ada.reply(discussion, "The last.\n\n" + "A long one.\n\n" * 60)
    return discussion


def test_keys_work_from_anywhere_on_the_page(visit: Visitors, ada: Person) -> None:
    page = visit(path_of(discussion_of(ada)), ada)
    is_live(page)
    keys = page.keyboard
    keys.press("j")
    expect(page.locator("#opening")).to_be_focused()
    keys.press("j")
    expect(reply_of(page, 1)).to_be_focused()
    keys.press("c")
    expect(reply_of(page, 2)).to_have_count(0)
    keys.press("c")
    keys.press("j")
    expect(reply_of(page, 2)).to_be_focused()
    keys.press("k")
    keys.press("r")
    expect(page.locator(".composer")).to_have_attribute("data-parent", "1")
    # In a text field they are letters.
    keys.type("jkrqc/?")
    expect(page.locator("#composer-text")).to_have_value("jkrqc/?")
    keys.press("Escape")
    expect(page.locator(".composer")).to_have_count(0)
    keys.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_question_mark_lists_the_keys_and_they_can_be_turned_off(visit: Visitors, ada: Person) -> None:
    page = visit(path_of(discussion_of(ada)), ada)
    is_live(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Next post")
    page.keyboard.press("j")
    expect(page.locator("#opening")).not_to_be_focused()
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("r")
    page.locator("[data-action=keys]").first.click()
    expect(dialog).to_be_visible()
    expect(page.locator(".composer")).to_have_count(0)


def test_menus_and_the_quote_button_go_with_what_they_belong_to(visit: Visitors, ada: Person) -> None:
    page = visit(path_of(discussion_of(ada)), ada)
    page.locator("[data-action=demo]").click()
    page.evaluate(
        "() => new Promise(done => {"
        " addEventListener('scroll', () => requestAnimationFrame(done), { once: true }); scrollBy(0, 40) })"
    )
    expect(page.locator("[data-action=disconnect]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-action=disconnect]")).to_have_count(0)
    is_live(page)
    button = page.locator(".quote-button")
    select(page, reply_of(page, 1).locator(".post-body"), "some words")
    expect(button).to_be_visible()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(reply_of(page, 1)).not_to_be_in_viewport()
    expect(button).to_have_count(0)
    page.evaluate("scrollTo(0, 0)")
    expect(button).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_have_count(0)
    select(page, reply_of(page, 1).locator(".post-body"), "some words")
    page.keyboard.press("q")
    expect(page.locator(".composer")).to_have_attribute("data-parent", "1")
    expect(page.locator(".quote-chip")).to_contain_text("some words")
    assert shown(page) == [1, 2, 3]
