"""Moderation on the page: what is held and reported, and what moderators decide, live for all whom it concerns."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Visitors, is_live, path_of
from tests.support.http import People, people_of
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley

RULES: dict[str, Any] = {"guests": True, "hold_links": 1}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    """A server that holds the links of newcomers."""
    folder: Path = tmp_path_factory.mktemp("moderated")
    url = f"sqlite:///{folder}/parley.db"
    started = Parley.start(database_url=url, folder=folder, jwt_secret=JWT_SECRET, **RULES, **UNLIMITED)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def people(server: Parley) -> Iterator[People]:
    with people_of(server) as made:
        yield made


def in_menu(page: Page, action: str) -> None:
    """Opens the moderators' menu of a discussion, and chooses from it."""
    page.locator("[data-action=moderate]").click()
    page.locator(f"[popover]:popover-open [data-action={action}]").click()


def test_categories_and_discussions_are_put_in_order(visit: Visitors, people: People) -> None:
    ada, moderator = people("Ada"), people("Mo", moderator=True)
    old = ada.start("To begin with.", "An old discussion")
    title = f"Rules of the house {ada.handle}"
    for number in range(3):
        ada.start("To begin with.", f"A newer one, {number}")
    page = visit("/moderate/categories", moderator)
    unique = ada.handle.removeprefix("ada-")
    orchard, cellar = f"[data-category=orchard-{unique}]", f"[data-category=cellar-{unique}]"
    for name, description in ((f"Orchard {unique}", "Trees and their fruit."), (f"Cellar {unique}", "")):
        page.locator("[data-action=add]").click()
        form = page.get_by_role("form", name="Add a category")
        form.get_by_label("Name").fill(name)
        form.get_by_label("Description").fill(description)
        form.get_by_role("button", name="Add a category").click()
        expect(page.locator(f"[data-category={name.lower().replace(' ', '-')}]")).to_be_visible()
    page.locator(f"{cellar} [data-action=up]").click()
    expect(page.locator(f"{cellar} + {orchard}")).to_be_visible()
    page.locator(f"{orchard} [data-action=edit]").click()
    form = page.get_by_role("form", name="Edit Orchard")
    form.get_by_label("Name").fill(f"Orchards {unique}")
    form.get_by_label("Hold all posts in it").check()
    form.get_by_role("button", name="Save").click()
    expect(page.locator(orchard)).to_contain_text("All posts are held")
    page.reload()
    expect(page.locator(f"{cellar} + {orchard}")).to_contain_text(f"Orchards {unique}")
    front = visit("/")
    is_live(front)
    page.goto(visit.url + path_of(old))
    is_live(page)
    in_menu(page, "move")
    page.get_by_role("dialog").get_by_label("Category").select_option(label=f"Orchards {unique}")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(page.locator(".crumbs")).to_contain_text("Orchards")
    in_menu(page, "retitle")
    page.get_by_role("dialog").get_by_label("Title").fill(title)
    page.get_by_role("dialog").get_by_label("Reason").fill("It says what it is.")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text(title)
    in_menu(page, "lock")
    expect(page.locator(".notice.locked")).to_be_visible()
    in_menu(page, "pin")
    expect(page.locator(".toast")).to_contain_text("Pinned")
    # A reader's list keeps its places until it is asked; a page that is opened now begins with it, and has it once.
    front.locator("[data-action=show-pending]").click()
    for reader in (front, visit("/"), visit("/", java_script_enabled=False)):
        row = reader.locator("li.discussion").first
        expect(row).to_contain_text(title)
        expect(row).to_contain_text("Pinned")
        expect(reader.locator("li.discussion", has_text=title)).to_have_count(1)
    page.goto(f"{visit.url}/moderate/log?acts=discussions")
    entries = page.locator("[data-entry]")
    expect(entries.first).to_contain_text(f"{moderator.name} pinned {title}.")
    expect(entries.nth(2)).to_contain_text("Reason: It says what it is.")


def test_moderation_is_for_moderators(visit: Visitors, people: People) -> None:
    asked: list[str] = []
    page = visit("/robots.txt", people("Ada"))
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/moderate"):
        page.goto(visit.url + path)
        expect(page.locator("main")).to_be_visible()
    expect(page.get_by_text("who is no moderator")).to_be_visible()
    assert not [address for address in asked if "/assets/" in address and "moderat" in address]
    reader = visit("/moderate/log")
    expect(reader.get_by_text("You are not signed in.")).to_be_visible()
    assert "It needs JavaScript." in people.http.get("/moderate").text
    strings = json.loads(page.locator("#strings").text_content() or "")
    assert "moderate" in strings
    assert "moderation" not in strings
