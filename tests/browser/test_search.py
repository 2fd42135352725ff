"""The search page: results by discussion, filters that its address keeps, and what it says where nothing is found."""

import re
import secrets
from urllib.parse import quote

from playwright.sync_api import Route, expect

from tests.browser.pages import PHONE, Visitors, reply_of
from tests.support.http import People, Person


def test_filters_and_order_are_in_the_address(visit: Visitors, people: People) -> None:
    word = f"q{secrets.token_hex(5)}"
    ada, bo = people("Ada"), people("Bø")
    first = ada.start(f"All about {word}.", f"On {word}")
    ada.reply(first, f"More of {word}.")
    bo.reply(first, f"Some {word} <b>from</b> me.")
    bo.start(f"A word: {word}.", "Another discussion")
    page = visit(f"/search?q={word}")
    results, status = page.locator(".result"), page.locator("main [role=status]")
    expect(results).to_have_count(2)
    expect(status).to_have_text("2 discussions")
    expect(results.filter(has_text="Another discussion").get_by_role("link", name="Show all")).to_have_count(0)

    # A person, by the beginning of the name without its stroke, chosen by keyboard.
    author = page.get_by_label("Written by")
    author.fill(bo.name.replace("ø", "o"))
    suggested = page.get_by_role("listbox").get_by_role("option")
    expect(suggested).to_have_text(re.compile(re.escape(bo.name)))
    expect(author).to_have_attribute("aria-expanded", "true")
    author.press("ArrowDown")
    expect(suggested).to_have_attribute("aria-selected", "true")
    author.press("Enter")
    expect(page).to_have_url(re.compile(f"author={quote(bo.handle)}"))
    expect(results.locator(".name")).to_have_text([bo.name, bo.name])
    expect(author).to_have_value(f"@{bo.handle}")

    # The posts of one discussion: who comes back finds the results that were there.
    page.get_by_label("Order").select_option("newest")
    page.get_by_role("link", name="Clear filters").click()
    expect(page).to_have_url(re.compile(rf"/search\?q={word}&order=newest$"))
    page.get_by_role("link", name="Show all 3 posts").click()
    expect(results).to_have_count(3)
    expect(status).to_have_text("3 posts")
    expect(results.first).to_contain_text("Some")
    page.reload()
    expect(results).to_have_count(3)
    results.first.locator("h2 a").click()
    expect(reply_of(page, 2)).to_be_focused()
    page.go_back()
    expect(results).to_have_count(3)
    page.get_by_role("link", name="Search everywhere").click()
    expect(results).to_have_count(2)

    # Typing goes on with the filters; from a day in the future on there is nothing.
    page.get_by_label("From").fill("2999-01-01")
    expect(page.get_by_role("heading", name=f'No posts match "{word}"')).to_be_visible()
    page.get_by_role("searchbox").fill(f"{word} all")
    expect(page).to_have_url(re.compile(r"q=q\w+\+all&from=2999-01-01"))
    page.get_by_role("link", name="Search without filters").click()
    expect(results).to_have_count(1)


def test_a_phone_shows_filters_on_request_and_says_what_they_do_not_name(visit: Visitors, ada: Person) -> None:
    ada.start("There is the reason.", "The search on a phone")
    page = visit("/search?q=the&author=no-such-person", screen=PHONE)
    expect(page.get_by_role("heading", name="Nobody has the handle @no-such-person")).to_be_visible()
    expect(page.get_by_label("Written by")).to_have_count(0)
    toggle = page.get_by_role("button", name="Filters (1)")
    toggle.click()
    author = page.get_by_label("Written by")
    author.fill("")
    author.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=the$"))
    expect(page.locator(".result").first).to_be_visible()
    for address, said in (
        ("category=none", 'There is no category "none"'),
        ("discussion=999999", "There is no discussion 999999"),
        ("discussion=99999999999", "There is no discussion 99999999999"),
    ):
        page.goto(f"{visit.url}/search?q=the&{address}")
        expect(page.get_by_role("heading", name=said)).to_be_visible()


def test_a_total_of_a_search_that_did_not_look_at_all_has_a_plus(visit: Visitors, people: People) -> None:
    word = f"q{secrets.token_hex(5)}"
    ada = people("Ada")
    ada.start(f"All about {word}.", "One discussion")
    ada.start(f"More of {word}.", "Another discussion")
    page = visit("/search")

    def bounded(route: Route) -> None:
        if "totalCountIsExact" not in (route.request.post_data or route.request.url):
            return route.continue_()
        response = route.fetch()
        return route.fulfill(response=response, body=re.sub(r'(?<="totalCountIsExact":)true', "false", response.text()))

    page.route("**/graphql**", bounded)
    page.get_by_role("searchbox").fill(word)
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("main [role=status]")).to_have_text("2+ discussions")
