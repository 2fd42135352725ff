"""The list of discussions, live by the feed: what changes at once, what waits, and what a lost line says."""

from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

import db.categories
from db.database import Transaction
from tests.browser.pages import Visitors, disconnect, is_live, until
from tests.support.http import People, Person, claims, put, signed
from tests.support.servers import Parley, told


def row_of(page: Page, discussion: str) -> Locator:
    return page.locator(f"li[data-discussion='{discussion.removeprefix('D_')}']")


def pending(page: Page) -> Locator:
    """The button that puts what waits into its place."""
    return page.locator("[data-action=show-pending]")


def made(server: Parley, name: str) -> str:
    """Makes a category, and returns its id."""

    def category(tx: Transaction) -> Awaitable[int]:
        return db.categories.category(tx, slug=name, name=name, description=None)

    # Playwright's own loop runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        return f"C_{thread.submit(put, str(server.settings['database_url']), category).result()}"


@pytest.fixture
def categories(server: Parley) -> list[str]:
    """The ids of two categories, made for this test; their slugs and names are "here" and "there"."""
    return [made(server, name) for name in ("here", "there")]


def test_rows_of_the_list_stay_until_the_reader_asks(visit: Visitors, people: People) -> None:
    ada, bo, cy = people.several("Ada", "Bo", "Cy")
    discussions = [ada.start("A post of some length. " * 8, f"Discussion {number}") for number in range(25)]
    page = visit("/", cy)
    is_live(page)
    rows = page.locator("li[data-discussion]")
    first = rows.first
    expect(first).to_contain_text("Discussion 24")
    bo.reply(discussions[20], "Its row stays where it is.")
    expect(rows.nth(4).locator("[data-count=replies]")).to_have_text("1")
    expect(rows.nth(4)).to_contain_text("Discussion 20")
    expect(pending(page)).to_have_text("1 updated: show")
    # One of the second page, and one that is new.
    bo.reply(discussions[1], "From far below.")
    expect(pending(page)).to_have_text("2 updated: show")
    bo.start("Quite new.", "A discussion of this moment")
    expect(pending(page)).to_have_text("1 new discussion, 2 updated: show")
    expect(first).to_contain_text("Discussion 24")
    pending(page).click()
    expect(pending(page)).to_have_count(0)
    for row, title in zip(rows.all(), ("A discussion of this moment", "Discussion 1", "Discussion 20"), strict=False):
        expect(row).to_contain_text(title)
    # What the viewer does in another tab is shown at once.
    cy.reply(discussions[10], "Mine.")
    expect(first).to_contain_text("Discussion 10")
    last = rows.filter(has_text="Discussion 1").last
    last.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 500
    last.locator("h2 a").click()
    expect(page.locator("main.thread h1")).to_be_visible()
    # What happens meanwhile is there on the way back.
    bo.start("Quite new, too.", "A discussion of the meantime")
    page.go_back()
    expect(page.locator("main.front")).to_be_visible()
    assert abs(page.evaluate("scrollY") - before) < 5
    expect(pending(page)).to_have_text("1 new discussion: show")


def test_the_list_shows_renames_locks_and_deletions_as_they_happen(visit: Visitors, people: People) -> None:
    ada, moderator = people("Ada"), people("Mo", moderator=True)
    renamed, gone = (ada.start("To begin with.", title) for title in ("As it was called", "Soon gone"))
    page = visit("/")
    is_live(page)
    ada.write("editDiscussion", discussionId=renamed, expectedVersion=1, title="As it is called")
    expect(row_of(page, renamed).locator("h2")).to_have_text("As it is called")
    moderator.write("lockDiscussion", discussionId=renamed)
    expect(row_of(page, renamed)).to_contain_text("Locked")
    expect(pending(page)).to_have_count(0)
    ada.write("deleteDiscussion", discussionId=gone)
    expect(row_of(page, gone).locator("h2")).to_have_text("Deleted discussion")
    assert "Soon gone" not in page.content()
    expect(pending(page)).to_have_text("1 updated: show")
    pending(page).click()
    expect(row_of(page, gone)).to_have_count(0)
    expect(row_of(page, renamed)).to_be_visible()


def test_a_moved_discussion_leaves_one_list_and_comes_into_another(
    visit: Visitors, ada: Person, categories: list[str]
) -> None:
    here, there = categories
    moved = ada.start("To begin with.", "On the move", categoryId=here)
    left, joined = visit("/?category=here"), visit("/?category=there")
    for page in (left, joined):
        is_live(page)
    expect(row_of(joined, moved)).to_have_count(0)
    ada.write("editDiscussion", discussionId=moved, expectedVersion=1, categoryId=there)
    expect(row_of(left, moved).locator(".category")).to_have_text("there")
    for page in (left, joined):
        pending(page).click()
    expect(row_of(left, moved)).to_have_count(0)
    expect(row_of(joined, moved)).to_be_visible()


def test_people_and_categories_change_in_the_list(visit: Visitors, server: Parley, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    of_ada, of_bo = ada.start("To begin with.", "Renamed by a token"), bo.start("To begin with.", "Erased soon")
    page = visit("/")
    is_live(page)
    expect(row_of(page, of_ada)).to_contain_text(ada.name)
    token = signed(claims(ada.handle, name=f"{ada.name} the second"))
    replace(ada, token=token).ask("{ viewer { user { name } } }")
    expect(row_of(page, of_ada).locator(".name")).to_have_text(f"{ada.name} the second")
    told("erase", "--handle", bo.handle, "--yes", **server.settings)
    expect(row_of(page, of_bo)).not_to_contain_text(bo.name)
    until(page, lambda: bo.name not in page.content(), "the name to go")
    made(server, "quite-new")
    expect(page.locator(".filters .chip", has_text="quite-new")).to_be_visible()


def test_a_list_that_is_not_live_says_as_of_when_it_is(visit: Visitors, ada: Person) -> None:
    ada.start("To begin with.", "Before the cut")
    page = visit("/")
    page.clock.install()
    page.reload()
    is_live(page)
    as_of = page.locator(".list-status .as-of")
    expect(as_of).to_have_count(0)
    disconnect(page)
    expect(page.locator(".list-status .badge")).to_have_text("Disconnected")
    page.clock.fast_forward(3_000)
    expect(as_of).to_have_text("Last updated just now")
    missed = ada.start("To begin with.", "During the cut")
    page.clock.fast_forward(180_000)
    expect(as_of).to_have_text("Last updated 3 minutes ago")
    expect(row_of(page, missed)).to_have_count(0)
    page.locator("[data-action=reconnect]").click()
    is_live(page)
    expect(as_of).to_have_count(0)
    expect(pending(page)).to_have_text("1 new discussion: show")


def test_a_live_list_asks_for_nothing(visit: Visitors, ada: Person) -> None:
    page = visit("/")
    is_live(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    ada.start("To begin with.", "By the feed alone")
    expect(pending(page)).to_have_text("1 new discussion: show")
    assert asked == []
