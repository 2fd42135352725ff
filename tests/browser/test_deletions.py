"""Deleting on the page: what it says before and after, to whom, and how a post comes back."""

from playwright.sync_api import Page, expect

from tests.browser.pages import Visitors, is_live, path_of, reply_of
from tests.support.http import People, Person
from tests.support.servers import Parley, told


def delete(page: Page, sequence: int, *, reason: str | None = None) -> str:
    """Deletes a reply, and returns what the dialog said."""
    reply_of(page, sequence).locator("[data-action=delete]").click()
    dialog = page.get_by_role("dialog")
    text = dialog.inner_text()
    if reason is not None:
        dialog.get_by_label("Reason, shown to its author and to moderators").fill(reason)
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    return text


def restore(page: Page, sequence: int) -> None:
    reply_of(page, sequence).locator("[data-action=restore]").click()


def test_its_author_deletes_a_reply_and_restores_it(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "Taken back")
    reply = ada.reply(discussion, "Words of a moment.")
    bo.reply(discussion, "An answer.", to=reply)
    page, reader = visit(path_of(discussion), ada), visit(path_of(discussion), bo)
    is_live(reader)
    text = delete(page, 1)
    assert "You can restore it for 30 days." in text
    assert "nobody else can read here, not even moderators" in text
    for place in (page, reader):
        expect(reply_of(place, 1).locator(".tombstone")).to_contain_text("Its author deleted this reply.")
    expect(reply_of(page, 1).locator("details p")).to_have_text("Words of a moment.")
    assert "Words of a moment." not in reader.content()
    expect(reply_of(page, 1).locator(".tombstone")).to_contain_text("You can restore it until")
    expect(reply_of(reader, 1).locator("[data-action=restore]")).to_have_count(0)
    expect(reply_of(reader, 2).locator(".answers")).to_have_text("a deleted reply")
    restore(page, 1)
    for place in (page, reader):
        expect(reply_of(place, 1).locator(".post-body")).to_have_text("Words of a moment.")
        expect(reply_of(place, 2).locator(".answers")).to_have_text(ada.name)
        expect(reply_of(place, 1).locator(".author")).to_have_text(ada.name)


def test_a_reply_without_answers_stays_where_its_author_can_restore_it(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "A leaf")
    ada.reply(discussion, "A leaf.")
    page, reader = visit(path_of(discussion), ada), visit(path_of(discussion))
    is_live(reader)
    delete(page, 1)
    expect(reply_of(reader, 1)).to_have_count(0)
    for place in (page, reader):
        expect(place.locator(".replies-heading")).to_have_text("No replies yet")
    expect(reply_of(page, 1).locator(".tombstone")).to_be_visible()
    restore(page, 1)
    for place in (page, reader):
        expect(reply_of(place, 1).locator(".post-body")).to_have_text("A leaf.")
        expect(place.locator(".replies-heading")).to_have_text("1 reply")


def test_a_moderator_deletes_with_a_reason_that_the_author_reads(visit: Visitors, people: People) -> None:
    ada, moderator = people("Ada"), people("Mo", moderator=True)
    discussion = ada.start("To begin with.", "Moderated")
    reply = ada.reply(discussion, "Buy this!")
    ada.reply(discussion, "An answer.", to=reply)
    page, author, reader = (visit(path_of(discussion), person) for person in (moderator, ada, None))
    for place in (page, author, reader):
        is_live(place)
    text = delete(page, 1, reason="Advertising.")
    assert "Its author and moderators can still read it." in text
    assert "Moderators can restore it for 30 days." in text
    for place in (page, author, reader):
        expect(reply_of(place, 1).locator(".tombstone")).to_contain_text("A moderator deleted this reply.")
    for place in (page, author):
        expect(reply_of(place, 1).locator(".tombstone")).to_contain_text("Reason: Advertising.")
        reply_of(place, 1).get_by_text("What it said").click()
        expect(reply_of(place, 1).locator("details p")).to_be_visible()
        expect(reply_of(place, 1).locator("details p")).to_have_text("Buy this!")
    assert "Advertising." not in reader.content()
    assert "Buy this!" not in reader.content()
    expect(reply_of(author, 1).locator("[data-action=restore]")).to_have_count(0)
    restore(page, 1)
    for place in (page, author, reader):
        expect(reply_of(place, 1).locator(".post-body")).to_have_text("Buy this!")


def test_an_erased_reply_says_so(visit: Visitors, server: Parley, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = bo.start("To begin with.", "Erased words")
    bo.reply(discussion, "An answer.", to=ada.reply(discussion, "Words of hers."))
    told("erase", "--handle", ada.handle, "--yes", **server.settings)
    page = visit(path_of(discussion), bo)
    expect(reply_of(page, 1).locator(".tombstone")).to_have_text("This reply was erased with its author's data.")
    expect(reply_of(page, 1).locator("[data-action=restore]")).to_have_count(0)


def test_its_author_deletes_a_discussion_and_restores_it(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("How it begins.", "Taken back as a whole")
    page = visit(path_of(discussion), ada)
    is_live(page)
    page.locator("#opening [data-action=delete]").click()
    expect(page.get_by_role("dialog")).to_contain_text("It disappears from all lists.")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#opening .tombstone")).to_contain_text("Its author deleted this discussion.")
    expect(page.locator("main h1")).to_have_text("Deleted discussion")
    page.locator("#opening [data-action=restore]").click()
    expect(page.locator("#opening .post-body")).to_have_text("How it begins.")
    expect(page.locator("main h1")).to_have_text("Taken back as a whole")
    is_live(page)


def test_a_moderator_deletes_their_own_discussion_with_answers_as_a_moderator(visit: Visitors, people: People) -> None:
    ada, moderator = people("Ada"), people("Mo", moderator=True)
    discussion = moderator.start("How it begins.", "Begun by a moderator")
    ada.reply(discussion, "An answer.")
    page = visit(path_of(discussion), moderator)
    page.locator("#opening [data-action=delete]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Moderators can restore it for 30 days.")
    expect(dialog).not_to_contain_text("not even moderators")
    dialog.get_by_label("Reason, shown to its author and to moderators").fill("Asked elsewhere.")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator("#opening .tombstone")).to_contain_text("A moderator deleted this discussion.")
    expect(page.locator("#opening .tombstone")).to_contain_text("Reason: Asked elsewhere.")


def test_an_address_of_a_deleted_reply_leads_its_author_to_restoring_it(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "A leaf by its address")
    ada.delete(ada.reply(discussion, "A leaf."))
    page, reader = (visit(f"{path_of(discussion)}#reply-1", person) for person in (ada, None))
    for place in (page, reader):
        expect(place.locator(".toast")).to_contain_text("Reply 1 was deleted.")
    expect(reader.get_by_role("button", name="Show it")).to_have_count(0)
    page.get_by_role("button", name="Show it").click()
    expect(reply_of(page, 1).locator(".tombstone")).to_contain_text("Its author deleted this reply.")
    restore(page, 1)
    expect(reply_of(page, 1).locator(".post-body")).to_have_text("A leaf.")
