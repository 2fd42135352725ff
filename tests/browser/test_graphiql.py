"""GraphiQL executes queries, mutations and subscriptions with the token of its field."""

from playwright.sync_api import Page, expect

from tests.browser.pages import Visitors
from tests.support.http import Person

RESULT = ".result-window"


def run(page: Page) -> None:
    page.locator(".graphiql-execute-button").click()


def test_the_examples_of_graphiql_run(visit: Visitors, ada: Person) -> None:
    ada.start("To begin with.", "For the explorer")
    page = visit("/graphiql")
    run(page)
    expect(page.locator(RESULT)).to_contain_text('"eventCursor"')
    page.get_by_role("tab", name="Reply").click()
    run(page)
    expect(page.locator(RESULT)).to_contain_text("NOT_SIGNED_IN")
    assert ada.token is not None
    page.get_by_label("Bearer token").fill(ada.token)
    run(page)
    expect(page.locator(RESULT)).to_contain_text("Hello from GraphiQL.")
    page.get_by_role("tab", name="Follow").click()
    run(page)
    expect(page.locator(RESULT)).to_contain_text('"CaughtUp"')
    ada.reply("D_1", "Told to the explorer.")
    expect(page.locator(RESULT)).to_contain_text("Told to the explorer.")
    page.get_by_role("tab", name="Search").click()
    run(page)
    expect(page.locator(RESULT)).to_contain_text('"totalCount"')
