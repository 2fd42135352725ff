"""Erasing a person from what moderators keep: the audit log, reports, review items, held posts and suspensions.

What concerns the person, or was written by them, loses its words; from the words of others about others their names are
taken. The entries stay, since the log of moderation has no gaps.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from typing import Any

import db.erasing_moderation as statements
import db.reviews
from db.database import Database, Transaction
from db.erasing_moderation import HeldWordsRow, TextRow, Words
from db.rows import IdRow
from db.statements import Statement, WriteStatement
from forum.references import references
from forum.removals import end_removal
from text import markdown, workers
from text.erasing import Erased, erased, without_names
from text.marks import without_user
from text.naming import Names
from text.quotes import Blockquote

BATCH = 100
Added = Callable[[str, str, Erased], None]
"""Takes where a text is, what it was, and what is left of it."""
SaidIn = Callable[[Iterable[tuple[int, int | None, int | None]]], Callable[[Blockquote], bool | None]]
"""Takes ordinal, source and author of each quote that is known of a post; says which blockquotes there are theirs."""


async def forget(database: Database, user_id: int) -> None:
    """Takes away what the person wrote and who they were, in short transactions that can be repeated."""
    for command in (statements.delete_suspension, statements.delete_networks):
        await database.write(partial(_run, command=command, user=user_id))
    for row in await database.rows(statements.removals, user=user_id):
        await database.write(partial(end_removal, entry=row.id))
    async for ids in _steps(database, statements.open_items, user_id):
        await database.write(partial(_close, ids=ids))
    await delete_held(database, user_id)
    for rows, command in (
        (statements.their_reports, statements.blank_reports),
        (statements.items, statements.blank_items),
        (statements.their_entries, statements.blank_entries),
    ):
        async for ids in _steps(database, rows, user_id):
            await database.write(partial(_run, command=command, user=user_id, ids=ids))
    after = 0
    while held := await database.rows(statements.held_of_others, user=user_id, after=after, limit=BATCH):
        after = held[-1].id
        await database.write(partial(statements.forget_in_held_posts, user_id=user_id, ids=[row.id for row in held]))


async def delete_held(database: Database, user_id: int) -> None:
    """Deletes what is held of the person, so that nobody publishes it any more."""
    async for ids in _steps(database, statements.their_held_posts, user_id):
        await database.write(partial(_delete_held, ids=ids))


async def _steps(database: Database, rows: Statement[IdRow], user_id: int) -> AsyncIterator[list[int]]:
    after = 0
    while found := await database.rows(rows, user=user_id, after=after, limit=BATCH):
        after = found[-1].id
        yield [row.id for row in found]


async def _run(tx: Transaction, *, command: WriteStatement, **parameters: Any) -> None:
    await tx.run(command, **parameters)


async def _close(tx: Transaction, *, ids: list[int]) -> None:
    """There is nothing left to decide."""
    await db.reviews.close(tx, ids)


async def _delete_held(tx: Transaction, *, ids: list[int]) -> None:
    """Deletes held posts, and closes their items: those that a request which began before has opened since."""
    await db.reviews.close(tx, await db.reviews.lock_held(tx, ids))
    await tx.run(statements.leave_held_posts, ids=ids)
    await tx.run(statements.delete_held_posts, ids=ids)


async def rewrite(
    database: Database,
    names: Names,
    said_in: SaidIn,
    added: Added,
    *,
    user_id: int,
    host: str | None,
    writes: bool = True,
) -> None:
    """Takes the names of a person out of the words of others, and what they said out of held posts of others.

    Unless it `writes`, it says only what it would do.
    """
    for words in statements.WORDS:
        async for row, left in _texts(database, words, names):
            if writes and left.text != row.text:
                rewritten = partial(_run, command=words.rewrite, row=row.id, old=row.text, new=left.text)
                await database.write(rewritten)
            added(f"{words.what} {row.id}", row.text, left)
    after = 0
    while found := await database.rows(statements.held_of_others, user=user_id, after=after, limit=BATCH):
        after = found[-1].id
        for held in found:
            done = await workers.run(_left_of, held, names, said_in)
            body, title = done
            if writes and (body.text, title.text) != (held.body, held.title or ""):
                await _rewrite_held(database, held, body.text, title.text, user_id=user_id, host=host)
            before = f"{held.title or ''}\n{held.body}"
            added(f"H_{held.id}", before, Erased(f"{title.text}\n{body.text}", title.doubtful + body.doubtful))


async def _texts(database: Database, words: Words, names: Names) -> AsyncIterator[tuple[TextRow, Erased]]:
    after = 0
    while rows := await database.rows(words.rows, after=after, limit=BATCH):
        after = rows[-1].id
        done = await workers.run(lambda rows=rows: [without_names(row.text, names) for row in rows])
        for row, left in zip(rows, done, strict=True):
            if left.text != row.text or left.doubtful:
                yield row, left


def _left_of(held: HeldWordsRow, names: Names, said_in: SaidIn) -> tuple[Erased, Erased]:
    is_theirs = said_in([(each.ordinal, each.source_id, each.attributed_id) for each in held.kept_quotes])
    return erased(held.body, names, is_theirs), without_names(held.title or "", names)


async def _rewrite_held(
    database: Database, held: HeldWordsRow, body: str, title: str, *, user_id: int, host: str | None
) -> None:
    document = await workers.run(markdown.read, body)
    found = await references(database, document, discussion_id=held.discussion_id, host=host)
    html = without_user(await workers.run(document.html, (), found.targets), f"U_{user_id}")
    new_title = None if held.title is None else title
    rewritten = partial(_run, command=statements.rewrite_held_post, new_title=new_title, new_body=body, new_html=html)
    await database.write(partial(rewritten, row=held.id))
