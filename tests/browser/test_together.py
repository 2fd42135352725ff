"""Two browsers in one discussion: each shows at once what the other writes, quotes, edits and deletes."""

from playwright.sync_api import Page, expect

from tests.browser.pages import Visitors, is_live, path_of, reply_of, select, shown, write
from tests.support.http import People, Person
from tests.support.servers import Parley, told


def signed_in(page: Page, name: str) -> None:
    """Signs in as a guest in the open dialog."""
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your name").press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_new_replies_appear_in_place_and_update_counts(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "Where replies belong")
    first = ada.reply(discussion, "The first.")
    ada.reply(discussion, "The second.")
    writer, reader = visit(path_of(discussion)), visit(path_of(discussion))
    is_live(reader)
    writer.get_by_role("button", name="Sign in").first.click()
    signed_in(writer, "Grace of the browser")
    reply_of(writer, 1).locator("[data-action=reply]").click()
    write(writer, "An answer to the **first**.")
    expect(reply_of(reader, 3)).to_contain_text("An answer to the first.")
    expect(reply_of(writer, 3)).to_be_visible()
    assert shown(reader) == shown(writer) == [1, 3, 2]
    expect(reply_of(reader, 3)).to_have_attribute("data-depth", "1")
    expect(reader.locator("[data-count=replies]")).to_have_text("3 replies")
    expect(reader.locator("[data-count=people]")).to_have_text("2 people")
    # It is announced to screen readers.
    expect(reader.locator("[data-announced]")).to_contain_text("Grace of the browser")
    ada.reply(discussion, "Another answer.", to=first)
    expect(reply_of(writer, 4)).to_be_visible()
    assert shown(writer) == [1, 3, 4, 2]


def test_two_tabs_of_one_browser_can_be_two_guests(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "Two tabs")
    first = visit(path_of(discussion))
    first.get_by_role("button", name="Sign in").first.click()
    signed_in(first, "Edith of one tab")
    second = visit.tab(first.context, path_of(discussion))
    second.locator("[data-action=demo]").click()
    second.locator("[data-action=switch-user]").click()
    signed_in(second, "Frances of another")
    for page, name in ((first, "Edith"), (second, "Frances")):
        page.locator("[data-action=reply-opening]").click()
        write(page, f"{name} is here.")
    for page in (first, second):
        for name in ("Edith", "Frances"):
            post = page.locator("article[data-sequence]", has_text=f"{name} is here.")
            expect(post.locator(".name")).to_contain_text(f"{name} of")
        expect(page.locator("[data-pending]")).to_have_count(0)
    # Each tab keeps its own viewer.
    for page, name in ((first, "Edith of one tab"), (second, "Frances of another")):
        page.reload()
        expect(page.locator(".account")).to_contain_text(name)


def test_readers_and_typing_users_are_shown(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "Who is here")
    reader, writer = visit(path_of(discussion), ada), visit(path_of(discussion), bo)
    is_live(writer)
    expect(reader.locator("[data-readers]")).to_have_text("2")
    expect(reader.locator(".faces")).to_contain_text(bo.name)
    writer.locator("[data-action=reply-opening]").click()
    writer.locator("#composer-text").press_sequentially("I am")
    expect(reader.locator(".typing")).to_contain_text(f"{bo.name} is typing")
    expect(writer.locator(".typing")).to_have_attribute("data-typing", "0")
    writer.context.close()
    expect(reader.locator("[data-readers]")).to_have_text("1")
    expect(reader.locator(".typing")).to_have_attribute("data-typing", "0")


def test_a_quote_shows_that_its_source_was_edited_or_deleted(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "Quotes")
    source = ada.reply(discussion, "The press is made of oak, and the screw of iron.")
    writer, reader = visit(path_of(discussion), bo), visit(path_of(discussion))
    is_live(reader)
    select(writer, reply_of(writer, 1).locator(".post-body"), "the screw of iron")
    writer.locator(".quote-button").click()
    expect(writer.locator(".composer")).to_have_attribute("data-parent", "1")
    expect(writer.locator(".quote-chip")).to_contain_text(f"{ada.name} the screw of iron")
    writer.locator("#composer-text").press_sequentially("Is it?")
    writer.get_by_role("button", name="Preview").click()
    expect(writer.locator(".preview blockquote")).to_contain_text("the screw of iron")
    writer.get_by_role("button", name="Write", exact=True).click()
    writer.locator("#composer-text").press("Control+Enter")
    quote = reply_of(reader, 2).locator("blockquote")
    expect(quote.locator(".quote-source")).to_have_attribute("data-status", "VERBATIM")
    expect(quote.locator(".quote-source")).to_contain_text(ada.name)
    quote.locator(".quote-source a").click()
    expect(reply_of(reader, 1)).to_be_focused()
    assert reader.url.endswith("#reply-1")
    ada.edit(source, "The press is made of ash.")
    expect(quote.locator(".quote-source")).to_have_attribute("data-status", "SOURCE_EDITED")
    expect(quote).to_contain_text("The source has been edited since")
    ada.delete(source)
    expect(quote.locator(".quote-source")).to_have_attribute("data-status", "SOURCE_DELETED")
    expect(quote).to_contain_text("The source was deleted")
    expect(quote).to_contain_text("the screw of iron")


def test_a_quote_is_of_what_the_reader_saw_when_quoting(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "Quotes of what was read")
    source = ada.reply(discussion, "The press is made of oak, and the screw of iron.")
    writer, reader = visit(path_of(discussion), bo), visit(path_of(discussion))
    is_live(writer)
    select(writer, reply_of(writer, 1).locator(".post-body"), "the screw of iron")
    writer.locator(".quote-button").click()
    ada.edit(source, "The press is made of ash, and all of it is old.")
    expect(reply_of(writer, 1)).to_contain_text("ash")
    writer.locator("#composer-text").press_sequentially("Is it?")
    writer.locator("#composer-text").press("Control+Enter")
    quote = reply_of(reader, 2).locator("blockquote")
    expect(quote.locator(".quote-source")).to_have_attribute("data-status", "SOURCE_EDITED")
    bo.reply(discussion, f"> **{ada.name} said:**\n>\n> The press \u2026 is old.")
    abridged = reply_of(reader, 3).locator("blockquote")
    expect(abridged.locator(".quote-source")).to_have_attribute("data-status", "ABRIDGED")
    expect(abridged.locator(".omission")).to_have_text("\u2026")


def test_an_edit_conflict_shows_both_versions(visit: Visitors, ada: Person) -> None:
    discussion = ada.start("To begin with.", "A conflict")
    reply = ada.reply(discussion, "One.")
    page, reader = visit(path_of(discussion), ada), visit(path_of(discussion))
    is_live(page)
    reply_of(page, 1).locator("[data-action=edit]").click()
    text = reply_of(page, 1).get_by_label("The text of this post")
    expect(text).to_have_value("One.")
    text.fill("One, as I have it.")
    ada.edit(reply, "One, as they have it.")
    expect(reply_of(page, 1).get_by_text("This post was edited while you were editing")).to_be_visible()
    reply_of(page, 1).get_by_role("button", name="Save").click()
    conflict = page.locator(".conflict")
    expect(conflict.locator("[data-side=theirs]")).to_contain_text("One, as they have it.")
    expect(conflict.locator("[data-side=mine]")).to_contain_text("One, as I have it.")
    expect(reply_of(reader, 1)).to_contain_text("One, as they have it.")
    conflict.get_by_role("button", name="Continue editing mine").click()
    text.fill("One, as both have it.")
    reply_of(page, 1).get_by_role("button", name="Save").click()
    for place in (page, reader):
        expect(reply_of(place, 1).locator(".post-body")).to_have_text("One, as both have it.")
        expect(reply_of(place, 1)).to_have_attribute("data-version", "3")


def test_a_deleted_reply_leaves_a_tombstone_without_text(visit: Visitors, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("To begin with.", "Deleted")
    reply = ada.reply(discussion, "Words that go.")
    bo.reply(discussion, "An answer that stays.", to=reply)
    page, reader = visit(path_of(discussion), ada), visit(path_of(discussion))
    is_live(reader)
    reply_of(page, 1).locator("[data-action=delete]").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    for place in (page, reader):
        expect(reply_of(place, 1).locator(".tombstone")).to_be_visible()
        expect(reply_of(place, 1)).to_have_attribute("data-state", "DELETED")
        expect(reply_of(place, 2)).to_contain_text("An answer that stays.")
    # Its author may still read it.
    assert "Words that go." not in reader.content()


def test_a_discussion_of_an_erased_user_has_no_name_or_text(visit: Visitors, server: Parley, people: People) -> None:
    ada, bo = people.several("Ada", "Bo")
    discussion = ada.start("Words of Ada.", "A title of hers")
    bo.reply(discussion, "Bo was here.")
    told("erase", "--handle", ada.handle, "--yes", **server.settings)
    page = visit(path_of(discussion))
    expect(page.locator("main .title h1")).to_have_text("[erased]")
    expect(page.locator("#opening")).to_contain_text("a former member")
    expect(reply_of(page, 1)).to_contain_text("Bo was here.")
    assert not any(words in page.content() for words in ("Words of Ada.", "A title of hers", ada.name))
