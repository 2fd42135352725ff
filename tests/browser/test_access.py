"""Accessibility: use by keyboard, and the rules of axe-core in both themes and on both screens."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import DESK, PHONE, Visitors, disconnect, is_live, path_of, reply_of, select
from tests.support.http import People, Person

TABLET_WIDTH = 820
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page, axe: str) -> list[str]:
    """Returns the violations that axe-core finds: each rule with its first element."""
    page.evaluate(axe)
    found = page.evaluate("async rules => (await axe.run(document, rules)).violations", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary']}" for one in found]


@pytest.fixture
def discussion(people: People) -> str:
    """A discussion with everything that a thread can show."""
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start(
        "# A heading\n\n- a list\n- of two\n\n`code` and [a link](https://example.org).", "All there is"
    )
    source = ada.reply(discussion, "The press is made of oak.\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    bo.reply(discussion, f"> **{ada.name} said:**\n>\n> The press is made of oak.\n\nIs it?", to=source)
    ada.edit(source, "The press is made of ash.\n\n```\nand code\n```")
    gone = bo.reply(discussion, "Gone.", to=source)
    ada.reply(discussion, f"An answer to what is gone: see #1, @{bo.handle}.", to=gone)
    bo.delete(gone)
    return discussion


def check(page: Page, axe: str, widths: list[int]) -> None:
    """Fails for what axe-core finds, and for a view that is wider than one of the widths of a screen."""
    assert violations(page, axe) == [], page.url
    screen = page.viewport_size
    assert screen is not None
    for width in widths:
        page.set_viewport_size({**screen, "width": width})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    page.set_viewport_size(screen)


@pytest.mark.node
@pytest.mark.tolerates("the server responded with a status of 404")
# Each theme and each screen: a theme has the same colours on both.
@pytest.mark.parametrize(("theme", "screen"), [("light", DESK), ("dark", PHONE)], ids=["light-desk", "dark-phone"])
def test_axe_finds_no_violation(
    visit: Visitors, discussion: str, ada: Person, axe: str, theme: str, screen: dict[str, int]
) -> None:
    page = visit(path_of(discussion), ada, screen=screen, color_scheme=theme, reduced_motion="reduce", bypass_csp=True)
    is_live(page)
    widths = [PHONE["width"]] if screen == PHONE else [DESK["width"], TABLET_WIDTH]
    expect(page.locator(".quote-source").first).to_be_visible()
    check(page, axe, widths)
    page.locator("[data-action=reply]").first.click()
    page.locator("#composer-text").fill("Some words.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview p")).to_be_visible()
    check(page, axe, widths)
    page.get_by_role("button", name="Close and keep the draft").click()
    disconnect(page)
    expect(page.locator(".badge[data-connection=disconnected]").first).to_be_visible()
    check(page, axe, widths)
    places = ("/", "/#new", f"/u/{ada.handle}", "/nowhere", "/search?q=zzzz", "/search?q=press")
    for place in places:
        page.goto(visit.url + place)
        expect(page.locator("main#main")).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        check(page, axe, widths)
    if screen is PHONE:
        page.locator("[data-action=filters]").click()
    page.get_by_label("Written by").press_sequentially("ada")
    expect(page.get_by_role("listbox")).to_be_visible()
    check(page, axe, widths)
    page.locator("[data-action=demo]").click()
    page.locator("[data-action=switch-user]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check(page, axe, widths)


def test_a_reply_can_be_written_by_keyboard_alone(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "With the keyboard")
    ada.reply(discussion, "The first.")
    ada.reply(discussion, "The second.")
    page = visit("/")
    expect(page.locator("li[data-discussion]").first).to_be_visible()
    keys = page.keyboard
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, "h2 a", "With the keyboard")
    keys.press("Enter")
    is_live(page)
    tab_to(page, "#reply-1 [data-action=reply]")
    keys.press("j")
    expect(reply_of(page, 2)).to_be_focused()
    keys.press("k")
    keys.press("r")
    expect(page.locator("#composer-text")).to_be_focused()
    expect(page.locator(".composer")).to_have_attribute("data-parent", "1")
    keys.type("Typed, and nothing else.")
    keys.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_label("Your name")).to_be_focused()
    keys.type("Hedy of the keyboard")
    keys.press("Enter")
    expect(reply_of(page, 3)).to_contain_text("Typed, and nothing else.")
    expect(reply_of(page, 3)).to_be_focused()
    keys.press("k")
    expect(reply_of(page, 1)).to_be_focused()
    keys.press("c")
    expect(reply_of(page, 3)).to_have_count(0)
    keys.press("c")
    expect(reply_of(page, 3)).to_be_visible()
    keys.press("q")
    expect(page.locator(".quote-chip")).to_contain_text(f"{ada.name} The first.")
    keys.press("Escape")
    expect(page.locator(".composer")).to_have_count(0)
    expect(reply_of(page, 1)).to_be_focused()


def test_a_selection_can_be_quoted_by_keyboard(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "Selected with the keyboard")
    ada.reply(discussion, "Only some of these words.")
    page = visit(path_of(discussion), ada)
    is_live(page)
    # Tab does not start from a selection that a script has made.
    reply_of(page, 1).focus()
    select(page, reply_of(page, 1).locator(".post-body"), "some of these")
    expect(page.locator(".quote-button")).to_be_visible()
    tab_to(page, ".quote-button")
    page.keyboard.press("Enter")
    expect(page.locator(".quote-chip")).to_contain_text(f"{ada.name} some of these")


def tab_to(page: Page, selector: str, text: str = "") -> None:
    """Presses Tab until the element has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(
            "([selector, text]) => document.activeElement.matches(selector)"
            " && document.activeElement.textContent.includes(text)",
            [selector, text],
        ):
            return
    raise AssertionError(f"Tab does not lead to {selector}.")
