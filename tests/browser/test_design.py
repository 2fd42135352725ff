"""What the design promises: content first, menus that close, branches that fold, and no demo on a real site."""

from playwright.sync_api import Page, Route, expect

from tests.browser.pages import DESK, PHONE, Visitors, is_live, path_of, reply_of
from tests.support.http import Person


def top_of(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["y"]


def test_content_begins_in_the_first_third_of_a_phone(visit: Visitors, ada: Person) -> None:
    # A title of two lines, as most are.
    discussion = ada.start("To begin with.", "The press is cracked: mend it, replace it, or let it go?")
    page = visit("/", screen=PHONE, has_touch=True, is_mobile=True)
    is_live(page)
    third = PHONE["height"] / 3
    assert top_of(page, "li[data-discussion]") < third
    page.goto(visit.url + path_of(discussion))
    is_live(page)
    assert top_of(page, "#opening") < third
    # Who wants to answer need not look for it.
    expect(page.locator("[data-action=reply-opening]")).to_be_in_viewport()


def test_menus_close_by_escape_and_by_a_press_outside(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "Menus")
    ada.reply(discussion, "It has a menu of its own.")
    page = visit(path_of(discussion), ada, screen=PHONE, has_touch=True, is_mobile=True)
    is_live(page)
    openers = (
        "[data-action=demo]",
        "[data-action=display]",
        ".account",
        "#reply-1 [data-action=more]",
        ".status-line",
    )
    opened = page.locator("[popover]:popover-open")
    for opener in openers:
        page.locator(opener).tap()
        expect(opened).to_have_count(1)
        page.keyboard.press("Escape")
        expect(opened).to_have_count(0)
        page.locator(opener).tap()
        expect(opened).to_have_count(1)
        # It is placed before the next frame.
        page.evaluate("new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))")
        # Beside the menus, which leave 8 pixels, and above the sheet.
        page.mouse.click(4, 150)
        expect(opened).to_have_count(0)


def test_lines_of_a_branch_collapse_it_and_count_what_they_hide(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "Guides")
    parent = ada.reply(discussion, "A branch begins.")
    for number in range(3):
        parent = ada.reply(discussion, f"{number} levels below.", to=parent)
    page = visit(path_of(discussion), screen=DESK)
    is_live(page)
    guides = reply_of(page, 4).locator(".guides")
    # The first line is that of the first reply.
    guides.click(position={"x": 4, "y": 10})
    expect(reply_of(page, 2)).to_have_count(0)
    folded = reply_of(page, 1).locator(".folded")
    expect(folded).to_have_text("3 replies")
    folded.get_by_role("button").click()
    expect(reply_of(page, 4)).to_be_visible()


def test_only_a_demo_has_the_demo_panel(visit: Visitors, ada: Person) -> None:
    page = visit("/")
    expect(page.locator("[data-action=demo]")).to_be_visible()

    def without_demo(route: Route) -> None:
        answer = route.fetch()
        assert " data-demo" in answer.text()
        route.fulfill(response=answer, body=answer.text().replace(" data-demo", ""))

    page.route("**/search**", without_demo)
    page.goto(f"{visit.url}/search?q=press")
    expect(page.locator("[data-action=display]")).to_be_visible()
    expect(page.locator("[data-action=demo]")).to_have_count(0)
