"""The page in other languages: every sentence, the direction, and the reader's choice."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import DESK, PHONE, Visitors, is_live, path_of
from tests.support.http import People, Person
from web.languages import LANGUAGES

WORDS = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        if (!node.parentElement.closest("script, style")) found.push(node.data.trim());
    }
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        for (const element of document.querySelectorAll(`[${name}]`)) found.push(element.getAttribute(name));
    }
    return found.filter(text => text);
}"""


def in_english(page: Page, code: str) -> set[str]:
    """The texts and labels of a page that are sentences of the English table, and not of its own."""

    def texts(of: str) -> set[str]:
        strings = [text for section in LANGUAGES[of].strings.values() for text in section.values()]
        return {form for text in strings for form in (text.values() if isinstance(text, dict) else [text])}

    return set(page.evaluate(WORDS)) & (texts("en") - texts(code))


def box(page: Page, selector: str) -> dict[str, Any]:
    found = page.locator(selector).first.bounding_box()
    assert found, selector
    return {"left": found["x"], "right": found["x"] + found["width"]}


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    is_fitting: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth && scrollX === 0")
    return is_fitting


@pytest.fixture
def thread(people: People) -> str:
    """A discussion with a quote, answers, and names of both directions."""
    ada, noor = people.several("Ada", "نور")
    discussion = ada.start("Words in English, (and more) 1, 2, 3.", "Cider of 2026")
    first = noor.reply(discussion, "كلمات بالعربية، 1، 2، 3.")
    ada.reply(
        discussion, "> كلمات بالعربية\n\nSo it is.", to=first, quotes=[{"sourceId": first, "text": "كلمات بالعربية"}]
    )
    return path_of(discussion)


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_arabic_is_right_to_left_throughout(visit: Visitors, ada: Person, thread: str, screen: dict[str, int]) -> None:
    page = visit("/", ada, screen=screen, locale="ar")
    is_live(page)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    assert fits(page) and in_english(page, "ar") == set()
    assert box(page, ".brand")["left"] > box(page, ".search-field")["right"]
    assert box(page, ".top-actions")["right"] < box(page, ".search-field")["left"]
    assert box(page, ".list .meta .category, .list .meta span")["right"] > screen["width"] / 2
    assert box(page, ".list .count")["left"] < box(page, ".list h2 a")["left"]

    page.goto(visit.url + thread)
    is_live(page)
    assert fits(page) and in_english(page, "ar") == set()
    assert box(page, "#reply-2 .content")["right"] < box(page, "#reply-1 .content")["right"]
    assert box(page, "#reply-1 .avatar")["left"] > box(page, "#reply-1 .name")["right"]
    directions = "all => all.map(one => getComputedStyle(one).direction)"
    assert page.eval_on_selector_all("#opening .post-body p, h1", directions) == ["ltr", "ltr"]

    page.locator("#reply-1").get_by_role("button", name=LANGUAGES["ar"].strings["post"]["reply"], exact=True).click()
    expect(page.locator("#composer-text")).to_be_visible()
    assert fits(page) and in_english(page, "ar") == set()
    assert box(page, ".composer button.primary")["right"] < screen["width"] / 2

    page.keyboard.press("Escape")
    page.goto(f"{visit.url}/search?q=cider")
    expect(page.locator(".result").first).to_be_visible()
    # What is too long for its line is cut at its end.
    assert set(page.eval_on_selector_all(".result :is(h2, .excerpt)", directions)) == {"ltr"}
    page.locator("[data-action=display]").click()
    menu = page.locator(".menu:popover-open")
    expect(menu.locator("a")).to_have_text(["العربية", "Deutsch", "English"])
    assert fits(page)
    assert box(page, ".menu:popover-open")["left"] >= 0 and box(page, ".menu:popover-open")["right"] <= screen["width"]


def test_a_chosen_language_is_kept(visit: Visitors, thread: str) -> None:
    page = visit(f"{thread}#reply-2")
    is_live(page)
    page.locator("[data-action=display]").click()
    page.locator(".menu:popover-open").get_by_text("Deutsch").click()
    expect(page.locator("html[lang=de]")).to_be_attached()
    is_live(page)
    assert page.url.endswith("#reply-2")
    assert in_english(page, "de") == set()
    expect(page.locator("#reply-2 .when time")).to_have_text("gerade eben")
    expect(page.locator(".status-line")).to_contain_text("2 Antworten")
    # The page's own words above a quote of another direction.
    expect(page.locator("[dir=rtl] > .quote-source")).to_have_css("direction", "ltr")
    page.goto(visit.url)
    is_live(page)
    assert page.evaluate("document.documentElement.lang") == "de"
    assert in_english(page, "de") == set()


def test_a_language_is_chosen_without_scripts(visit: Visitors, thread: str) -> None:
    page = visit(thread, java_script_enabled=False)
    expect(page.locator("[dir=rtl] > .quote-source")).to_have_css("direction", "ltr")
    page.locator("[popovertarget=display]").click()
    page.locator("#display").get_by_text("العربية").click()
    expect(page.locator("html[lang=ar][dir=rtl]")).to_be_attached()
    assert thread in page.url
    expect(page.locator(".replies-heading")).to_have_text("ردّان")
    expect(page.locator("#reply-2 .content")).to_contain_text("So it is.")
