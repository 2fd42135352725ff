"""Moderation on the page: what is held and reported, and what moderators decide, live for all whom it concerns."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import DESK, PHONE, Visitors, is_live, path_of, reply_of, shown, write
from tests.browser.test_access import TABLET_WIDTH, check
from tests.support.http import People, Person, people_of
from tests.support.servers import JWT_SECRET, UNLIMITED, Parley

REPORT = """mutation ($input: ReportPostInput!) { reportPost(input: $input) { reported errors { code message } } }"""
RULES: dict[str, Any] = {"guests": True, "hold_links": 9}


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


def items(page: Page) -> Locator:
    return page.locator("[data-review]")


def item_of(page: Page, words: str) -> Locator:
    return items(page).filter(has_text=words)


def report(person: Person, post: str, **more: str) -> None:
    given = {"postId": post, "reason": "SPAM"} | more
    assert person.ask(REPORT, input=given)["reportPost"]["errors"] == []


def in_menu(page: Page, action: str) -> None:
    """Opens the moderators' menu of a discussion, and chooses from it."""
    page.locator("[data-action=moderate]").click()
    page.locator(f"[popover]:popover-open [data-action={action}]").click()


def test_a_held_link_is_published_and_arrives_live_in_its_place(visit: Visitors, people: People) -> None:
    ada, moderator = people("Ada"), people("Mo", moderator=True)
    discussion = ada.start("To begin with.", "Where links wait")
    first = ada.reply(discussion, "The first.")
    ada.reply(discussion, "The second.")
    queue, third, guest = visit("/moderate", moderator), visit(path_of(discussion)), visit(path_of(discussion))
    for page in (queue, third, guest):
        is_live(page)
    expect(queue.get_by_text("Nothing waits for a decision")).to_be_visible()
    reply_of(guest, 1).locator("[data-action=reply]").click()
    guest.locator("#composer-text").fill("See https://example.org/press for a good one.")
    guest.get_by_role("button", name="Send", exact=True).click()
    guest.get_by_label("Your name").fill("Lise of the link")
    guest.get_by_label("Your name").press("Enter")
    card = guest.locator("[data-held]")
    waits = "Waits for a moderator: it has a link. Only you and moderators see it."
    expect(card).to_contain_text(waits)
    expect(guest.locator("[data-announced]")).to_contain_text("Waits for a moderator")
    expect(guest.locator("[data-pending]")).to_have_count(0)
    # Below the reply that it answers, also after a reload.
    for _ in range(2):
        expect(card).to_contain_text("for a good one.")
        assert guest.evaluate("document.querySelector('[data-held]').previousElementSibling.id") == "reply-1"
        guest.reload()
        is_live(guest)
    # A moderator has it at once, and others do not.
    item = item_of(queue, "for a good one.")
    expect(item).to_contain_text("Where links wait")
    expect(item).to_contain_text("Has links")
    expect(queue.locator(".moderate-link")).to_contain_text("1")
    assert "for a good one." not in third.content()
    queue.keyboard.press("j")
    expect(item).to_be_focused()
    queue.keyboard.press("p")
    expect(item).to_contain_text("You published it.")
    expect(queue.locator("[data-open]")).to_have_attribute("data-open", "0")
    for page in (third, guest):
        expect(reply_of(page, 3)).to_contain_text("for a good one.")
        assert shown(page) == [1, 3, 2]
    expect(card).to_have_count(0)
    expect(guest.locator(".toast")).to_contain_text("A moderator has published your post.")
    ada.reply(discussion, "An answer.", to=first)
    expect(reply_of(third, 4)).to_be_visible()


def test_a_rejected_post_says_why_and_a_withdrawn_one_goes_back_into_the_composer(
    visit: Visitors, people: People
) -> None:
    ada, bo, moderator = people("Ada"), people("Bo"), people("Mo", moderator=True)
    discussion = ada.start("To begin with.", "Two more links")
    page, queue = visit(path_of(discussion), bo), visit("/moderate?kind=held", moderator)
    for one in (page, queue):
        is_live(one)
    for words in ("Buy at https://example.org/a", "Look at https://example.org/b"):
        page.locator("[data-action=reply-opening]").click()
        write(page, words)
        expect(page.locator("[data-held]").filter(has_text=words)).to_be_visible()
    item_of(queue, "Buy at").locator("[data-action=REJECT]").click()
    dialog = queue.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("No advertising.")
    dialog.get_by_role("button", name="Reject").click()
    expect(item_of(queue, "Buy at")).to_contain_text("You rejected it.")
    # The next one has the focus, and stays where it was.
    expect(item_of(queue, "Look at")).to_be_focused()
    rejected = page.locator("[data-held]").filter(has_text="Buy at")
    expect(rejected).to_contain_text("A moderator has not published this. Reason: No advertising.")
    page.locator("[data-held]").filter(has_text="Look at").locator("[data-action=withdraw]").click()
    expect(page.locator("#composer-text")).to_have_value("Look at https://example.org/b")
    expect(item_of(queue, "Look at")).to_contain_text("Its author has withdrawn it.")
    queue.locator("[data-action=clear]").click()
    expect(items(queue)).to_have_count(0)
    rejected.locator("[data-action=hide-held]").click()
    page.reload()
    is_live(page)
    expect(page.locator("[data-held]")).to_have_count(0)
    # A held discussion is shown above the list, and an edit below what it would change.
    reply = bo.reply(discussion, "Words without a link.")
    page.goto(f"{visit.url}/#new")
    page.get_by_label("Title").fill("A discussion with a link")
    page.locator("#new-text").fill("https://example.org/c")
    page.get_by_role("button", name="Start the discussion").click()
    expect(page.locator("main.front [data-held]")).to_contain_text("A discussion with a link")
    assert reply


def test_two_moderators_decide_a_report_and_its_author_reads_why(visit: Visitors, people: People) -> None:
    ada, bo, mo, mi = (people(name, moderator=name.startswith("M")) for name in ("Ada", "Bo", "Mo", "Mi"))
    discussion = ada.start("To begin with.", "Reported")
    reply = bo.reply(discussion, "Cheap pills!")
    ada.reply(discussion, "An answer to it.", to=reply)
    page, author = visit(path_of(discussion), ada), visit(path_of(discussion), bo)
    first, second = visit("/moderate?kind=reported", mo), visit("/moderate?kind=reported", mi)
    for one in (page, author, first, second):
        is_live(one)
    expect(reply_of(author, 1).locator("[data-action=report]")).to_have_count(0)
    reply_of(page, 1).locator("[data-action=report]").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Advertising or spam").check()
    dialog.get_by_label("A note for the moderators").fill("The third time.")
    dialog.get_by_role("button", name="Send the report").click()
    expect(page.locator(".toast")).to_contain_text("Reported. A moderator will look at it.")
    for one in (first, second):
        expect(item_of(one, "Cheap pills!")).to_contain_text("The third time.")
        expect(item_of(one, "Cheap pills!")).to_contain_text("1 report")
    # Both are about to delete it: the second one learns what the first one did.
    item_of(first, "Cheap pills!").locator("[data-action=DELETE_POST]").click()
    expect(item_of(second, "Cheap pills!")).to_contain_text(f"{mo.name} is looking at this.")
    second.route("**/graphql", lambda route: route.fallback())
    item_of(second, "Cheap pills!").locator("[data-action=DELETE_POST]").click()
    first.get_by_role("dialog").get_by_label("Reason").fill("Advertising.")
    first.get_by_role("dialog").get_by_label("Also suspend").select_option("week")
    first.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(item_of(first, "Cheap pills!")).to_contain_text("You deleted it.")
    expect(item_of(second, "Cheap pills!")).to_contain_text(f"{mo.name} deleted it.")
    second.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(item_of(second, "Cheap pills!")).to_contain_text("Another moderator was faster.")
    expect(reply_of(author, 1).locator(".tombstone")).to_contain_text("Reason: Advertising.")
    expect(author.locator(".banner")).to_contain_text("Your account is suspended until")
    expect(author.locator(".banner")).to_contain_text("Advertising.")
    # An act can be taken back where it was done.
    item_of(first, "Cheap pills!").locator("[data-action=undo]").click()
    expect(reply_of(page, 1).locator(".post-body")).to_have_text("Cheap pills!")


def test_people_are_suspended_held_promoted_and_their_posts_removed(visit: Visitors, people: People) -> None:
    ada, bo, moderator = people("Ada"), people("Bo"), people("Mo", moderator=True)
    discussion = ada.start("To begin with.", "By whom")
    for number in range(3):
        bo.reply(discussion, f"Spam {number}.")
    page, theirs = visit("/moderate/people", moderator), visit(path_of(discussion), bo)
    is_live(theirs)
    page.get_by_label("Find a person").fill(bo.handle)
    page.get_by_role("option").first.click()
    member = page.locator("[data-person]")
    expect(member).to_contain_text(bo.name)
    expect(member).to_contain_text("3 replies")
    member.locator("[data-action=suspend]").click()
    member.get_by_label("Reason, shown to").fill("Too much spam.")
    member.get_by_role("button", name="Suspend", exact=True).click()
    expect(member.locator("[data-suspended]")).to_contain_text("Reason: Too much spam.")
    expect(theirs.locator(".banner")).to_contain_text("Your account is suspended until")
    expect(theirs.locator(".banner")).to_contain_text("Too much spam.")
    expect(theirs.locator("[data-action=reply-opening]")).to_have_count(0)
    # Who is suspended goes on reading, live.
    ada.reply(discussion, "Read by all.")
    expect(reply_of(theirs, 4)).to_be_visible()
    member.locator("[data-action=unsuspend]").click()
    expect(member.locator("[data-suspended]")).to_have_count(0)
    expect(theirs.locator(".banner")).to_have_count(0)
    member.locator("[data-action=premoderate]").check()
    expect(member).to_contain_text("All posts are held")
    theirs.locator("[data-action=reply-opening]").click()
    write(theirs, "Without a link.")
    expect(theirs.locator("[data-held]")).to_contain_text("all your posts are looked at first")
    # First what it would be, then the act.
    member.locator("[data-action=remove-posts]").click()
    member.get_by_role("button", name="Count them").click()
    expect(member.locator("[data-counted]")).to_contain_text("3 posts")
    member.locator("[data-action=remove]").click()
    expect(member.locator("[data-removal]")).to_contain_text("was removed")
    for sequence in (1, 2, 3):
        expect(reply_of(theirs, sequence).locator(".post-body")).to_have_count(0)
    page.get_by_role("link", name="What was done about them").click()
    entry = page.locator("[data-entry][data-action=REMOVE_POSTS]")
    expect(entry).to_contain_text(f"{moderator.name} removed posts of {bo.name}.")
    expect(page.locator("[data-entry][data-action=SUSPEND_USER]")).to_contain_text("Reason: Too much spam.")
    entry.locator("[data-action=undo]").click()
    expect(page.locator("[data-entry][data-action=RESTORE_POSTS]")).to_be_visible()
    expect(reply_of(theirs, 2).locator(".post-body")).to_have_text("Spam 1.")
    hers = visit("/", ada)
    is_live(hers)
    page.get_by_role("link", name="People").click()
    page.get_by_label("Find a person").fill(ada.handle)
    page.get_by_label("Find a person").press("Enter")
    member.locator("[data-action=role]").click()
    expect(member.locator(".standing").first).to_have_text("Moderator")
    # Their open page goes on with the rights they have now.
    expect(hers.locator(".moderate-link")).to_be_visible()


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
    entries.first.locator("[data-action=undo]").click()
    expect(entries.first).to_contain_text("unpinned")
    expect(entries.nth(1)).to_contain_text("undone")
    expect(entries.nth(1).locator("[data-action=undo]")).to_have_count(0)


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


@pytest.mark.node
@pytest.mark.parametrize(
    ("theme", "screen", "locale"),
    [("light", DESK, "en"), ("dark", PHONE, "ar")],
    ids=["light-desk", "dark-phone-arabic"],
)
def test_axe_finds_no_violation_where_moderators_work(
    visit: Visitors, people: People, axe: str, theme: str, screen: dict[str, int], locale: str
) -> None:
    ada, bo, moderator = people("Ada"), people("Bo"), people("Mo", moderator=True)
    discussion = ada.start("To begin with.", "Looked at by axe")
    reply = ada.reply(discussion, "A reply.")
    report(bo, reply, reason="ABUSE", note="It hurts.")
    bo.payload("addReply", discussionId=discussion, body="See https://example.org/axe.")
    how: dict[str, Any] = {"color_scheme": theme, "reduced_motion": "reduce", "bypass_csp": True, "locale": locale}
    widths = [PHONE["width"]] if screen == PHONE else [DESK["width"], TABLET_WIDTH]
    page = visit("/moderate", moderator, screen=screen, **how)
    item = item_of(page, "It hurts.")
    expect(item).to_be_visible()
    check(page, axe, widths)
    item.locator("[data-action=DELETE_POST]").click()
    page.locator("[data-until]").select_option("date")
    check(page, axe, widths)
    page.locator("dialog [type=submit]").click()
    page.keyboard.press("Escape")
    item.locator("[data-action=DISMISS]").click()
    expect(item.locator(".decided")).to_be_visible()
    check(page, axe, widths)
    for path in ("/moderate/log", "/moderate/categories", "/moderate/people", f"/moderate/people?person={bo.handle}"):
        page.goto(visit.url + path)
        expect(page.locator(".parts")).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        check(page, axe, widths)
    expect(page.locator("[data-person]")).to_be_visible()
    page.locator("[data-action=suspend]").click()
    page.locator("[data-action=remove-posts]").click()
    check(page, axe, widths)
    author = visit(path_of(discussion), bo, screen=screen, **how)
    expect(author.locator("[data-held]")).to_be_visible()
    check(author, axe, widths)
    if screen is PHONE:
        reply_of(author, 1).locator("[data-action=more]").click()
    author.locator("[data-action=report]:visible, .menu:popover-open button").last.click()
    expect(author.get_by_role("dialog")).to_be_visible()
    check(author, axe, widths)
