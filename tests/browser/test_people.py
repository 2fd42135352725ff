"""Pages of people, reached from their names and faces, and what is shown at addresses where nothing is."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import Visitors, is_live, path_of, reply_of
from tests.support.http import People
from tests.support.servers import Parley, told


def test_a_name_leads_to_what_the_person_wrote(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "By Ada")
    replies = [bo.reply(discussion, f"Reply number {number}.") for number in range(22)]
    bo.delete(replies[3])
    page = visit(path_of(discussion))
    is_live(page)
    reply_of(page, 1).locator(".author").click()
    expect(page.get_by_role("heading", name=bo.name)).to_be_visible()
    expect(page).to_have_title(f"{bo.name} · Parley")
    expect(page.locator(".page.person .head")).to_contain_text(f"@{bo.handle}")
    expect(page.locator("[aria-current=page]")).to_have_text("21 replies")
    written = page.locator("[data-reply]")
    expect(written.first).to_contain_text("Reply number 21.")
    expect(written).to_have_count(20)
    page.locator("[data-action=more]").click()
    # The deleted one is not shown.
    expect(written).to_have_count(21)
    assert [int(one.get_attribute("data-reply") or 0) for one in written.all()] == [*range(22, 4, -1), 3, 2, 1]
    page.get_by_role("link", name="0 discussions").click()
    expect(page.get_by_text("No discussions to show")).to_be_visible()
    page.go_back()
    written.first.get_by_role("link").click()
    expect(reply_of(page, 22)).to_be_focused()
    # The face of the opening post leads to its author, and the page has an address of its own.
    page.locator("#opening .face-link").click()
    expect(page.get_by_role("heading", name=ada.name)).to_be_visible()
    page.get_by_role("link", name="1 discussion").click()
    page.reload()
    expect(page.locator("li[data-discussion]")).to_contain_text("By Ada")


@pytest.mark.tolerates("the server responded with a status of 404")
def test_an_address_without_a_page_says_so_and_leads_on(visit: Visitors, server: Parley, people: People) -> None:
    ada = people("Ada")
    ada.start()
    told("erase", "--handle", ada.handle, "--yes", **server.settings)
    missing = {
        "/nowhere": "There is no page at this address",
        "/d/2147483647": "does not exist",
        "/d/99999999999": "There is no page at this address",
        "/u/nobody-of-this-name": "There is nobody called @nobody-of-this-name",
        f"/u/{ada.handle}": f"There is nobody called @{ada.handle}",
        "/u/%E0%A4%A": "There is nobody called",
    }
    page = visit("/")
    for path, says in missing.items():
        assert page.goto(visit.url + path).status == 404, path  # type: ignore[union-attr]
        expect(page.get_by_role("heading", level=1)).to_contain_text(says)
        expect(page.get_by_role("searchbox")).to_be_enabled()
    page.get_by_role("link", name="All discussions").click()
    expect(page.locator("main.front")).to_be_visible()
