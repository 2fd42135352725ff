"""Long and deep threads: one's own reply is shown where it belongs, and a branch has a page of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.pages import Visitors, is_live, path_of, reply_of, shown, until, write
from tests.support.http import Client, Discussion, People, Person
from tests.support.servers import Parley

DEPTH = 100
PAGE = 50


@pytest.fixture
def wide(server: Parley) -> Iterator[Discussion]:
    """More replies to the opening post than two pages hold."""
    with Client.of(server) as client:
        discussion = client.start_discussion("edith", "A long thread")
        client.add_replies(discussion, [0] * 130, ("edith",))
        yield discussion


@pytest.fixture(scope="module")
def deep(server: Parley) -> Iterator[Discussion]:
    """A chain of a hundred replies, each an answer to the one before."""
    with Client.of(server) as client:
        discussion = client.start_discussion("edith", "A deep thread")
        client.add_replies(discussion, list(range(DEPTH)), ("edith", "radia"))
        yield discussion


def test_ones_own_reply_is_shown_at_the_end_of_a_long_thread(visit: Visitors, wide: Discussion, ada: Person) -> None:
    page = visit(f"/d/{wide.number}", ada)
    is_live(page)
    assert len(shown(page)) < 130
    page.locator("[data-action=reply-opening]").first.click()
    write(page, "The very last one.")
    expect(reply_of(page, 131)).to_be_focused()
    expect(reply_of(page, 131)).to_be_in_viewport()
    expect(page.locator("[data-announced]")).to_have_text("Reply posted.")
    # The page above may come at any moment.
    there = shown(page)
    assert there == list(range(there[0], 132))


def test_ones_own_reply_is_shown_below_the_post_it_answers(visit: Visitors, wide: Discussion, ada: Person) -> None:
    page = visit(f"/d/{wide.number}", ada)
    is_live(page)
    reply_of(page, 3).locator("[data-action=reply]").click()
    write(page, "An answer to the third.")
    added = page.locator("article[data-sequence]", has_text="An answer to the third.")
    expect(added).to_be_focused()
    expect(added).to_be_in_viewport()
    assert shown(page)[:5] == [1, 2, 3, 131, 4]


@pytest.mark.tolerates("net::ERR_INTERNET_DISCONNECTED")
def test_a_reply_sent_later_leaves_the_reader_where_they_are(visit: Visitors, wide: Discussion, ada: Person) -> None:
    page = visit(f"/d/{wide.number}", ada)
    is_live(page)
    page.context.set_offline(True)
    page.locator("[data-action=reply-opening]").first.click()
    write(page, "Written offline.")
    expect(page.locator("[data-pending]")).to_contain_text("Written offline.")
    page.locator("[data-action=reply]").nth(4).click()
    page.locator("#composer-text").fill("Something else")
    page.context.set_offline(False)
    toast = page.locator(".toast", has_text="Reply posted.")
    expect(toast).to_be_visible()
    expect(page.locator("#composer-text")).to_be_focused()
    assert shown(page)[0] == 1
    toast.get_by_role("button", name="Show it").click()
    expect(reply_of(page, 131)).to_be_in_viewport()


def test_one_click_shows_a_page_of_a_deep_thread(visit: Visitors, deep: Discussion) -> None:
    page = visit(f"/d/{deep.number}")
    is_live(page)
    before = len(shown(page))
    page.locator("[data-more]").click()
    until(page, lambda: len(shown(page)) == before + PAGE, "a page below")
    rest = page.locator("[data-branch]")
    expect(rest).to_contain_text(f"{DEPTH - before - PAGE} more replies")
    rest.click()
    top = before + PAGE
    expect(reply_of(page, top)).to_have_attribute("data-depth", "0")
    until(page, lambda: shown(page) == list(range(top, DEPTH + 1)), "the rest of the thread")
    assert f"?root={top}" in page.url
    page.locator("[data-action=whole]").click()
    expect(page.locator("#opening")).to_be_visible()
    expect(reply_of(page, top)).to_be_in_viewport()


def test_a_branch_has_an_address_and_is_live(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "A branch")
    first, second = ada.reply(discussion, "The first."), ada.reply(discussion, "The second.")
    below = bo.reply(discussion, "Below the first.", to=first)
    page = visit(f"{path_of(discussion)}?root=1", ada)
    is_live(page)
    assert shown(page) == [1, 3]
    expect(page.locator("#opening")).to_have_count(0)
    bo.reply(discussion, "Outside.", to=second)
    bo.reply(discussion, "Inside.", to=below)
    expect(reply_of(page, 5)).to_have_attribute("data-depth", "2")
    assert shown(page) == [1, 3, 5]
    expect(page.locator("[data-count=replies]").first).to_have_attribute("data-value", "5")
    reply_of(page, 3).locator("[data-action=reply]").click()
    write(page, "My own.")
    expect(page.locator("article[data-sequence]", has_text="My own.")).to_be_focused()
    assert shown(page) == [1, 3, 5, 6]
    assert page.url.endswith("?root=1")


def test_an_address_of_a_branch_that_is_none_shows_the_whole(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "No such branch")
    ada.reply(discussion, "The only one.")
    page = visit(path_of(discussion))
    is_live(page)
    page.evaluate("history.pushState(null, '', '?root=99'), dispatchEvent(new PopStateEvent('popstate'))")
    expect(page.locator(".toast")).to_contain_text("There is no reply 99")
    expect(page.locator("#opening")).to_be_visible()
    assert shown(page) == [1]


def test_a_link_to_a_reply_that_is_none_says_so(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "No such reply")
    ada.reply(discussion, "The only one.")
    page = visit(f"{path_of(discussion)}#reply-9999")
    expect(page.locator(".toast")).to_contain_text("There is no reply 9999")
    expect(reply_of(page, 1)).to_be_visible()
