"""The examples without a page, in Python and with curl: each draws what a fresh query gives, whatever is cut."""

import asyncio
import json
import secrets
from functools import partial

import pytest

from tests.examples.running import Terminal, needs, replies, trim
from tests.support.http import Data, Discussion, Person
from tests.support.proxy import Proxy
from tests.support.servers import Parley
from tests.support.timeouts import SCENARIO_SECONDS
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

"""The first time, the Python example installs what it needs."""


def arguments(name: str, number: int, body: str, above: dict[str, object]) -> list[str]:
    """The arguments that make the example answer a reply."""
    if name == "python":
        return [str(number), "--reply", body, "--to", str(above["sequence"])]
    return [str(number), body, str(above["id"])]


@pytest.mark.parametrize("name", ["python", "curl"])
async def test_a_terminal_shows_what_happened_during_a_cut(
    name: str, line: Proxy, ada: Person, server: Parley, discussion: Discussion
) -> None:
    needs("python3" if name == "python" else "curl")
    # Tests before this one have deleted some: those can't be answered.
    visible = [reply for reply in await asyncio.to_thread(replies, ada, discussion.id) if reply["state"] == "VISIBLE"]
    above = visible[len(visible) // 2]
    # Of this run: a test that is run once more finds the reply of the one before.
    body = f"From {name}, in a terminal, {secrets.token_hex(4)}."

    def is_in_step(terminal: Terminal) -> bool:
        return terminal.shown() == [(reply["sequence"], as_drawn(reply)) for reply in replies(ada, discussion.id)]

    def as_drawn(reply: Data) -> str:
        # The shell has nothing that reads JSON: it draws a text as it stands there.
        return json.dumps(reply["bodyText"])[1:-1] if name == "curl" else str(reply["bodyText"])

    async def comes_to_be_in_step(terminal: Terminal) -> None:
        wait = partial(eventually, seconds=SCENARIO_SECONDS, what=f"{name} to be in step")
        try:
            await asyncio.to_thread(wait, partial(is_in_step, terminal))
        except TimeoutError as error:
            error.add_note(terminal.output[-4000:])
            raise

    before = await asyncio.to_thread(ada.cursor, discussion.id)
    url = f"http://127.0.0.1:{line.port}"
    with Terminal.running(name, url, *arguments(name, discussion.number, body, above)) as terminal:
        wait = partial(eventually, seconds=SCENARIO_SECONDS, what="its reply")
        await asyncio.to_thread(wait, lambda: body in [text for _, text in terminal.shown()])
        await comes_to_be_in_step(terminal)
        mine = await asyncio.to_thread(ada.reply, discussion.id, "To be deleted.", above["id"])
        for _ in range(2):
            line.stall()
            line.reset()
            missed = await asyncio.to_thread(ada.reply, discussion.id, "Missed.", mine)
            await asyncio.to_thread(ada.reply, discussion.id, 'An "answer" \\ of {two}: signs.', missed)
            await asyncio.to_thread(ada.edit, missed, "Edited while it was missed.")
            line.go_on()
            await comes_to_be_in_step(terminal)
        leaf = await asyncio.to_thread(ada.reply, discussion.id, "To be restored.", mine)
        await asyncio.to_thread(ada.delete, leaf)
        await comes_to_be_in_step(terminal)
        await asyncio.to_thread(ada.write, "restoreReply", replyId=leaf)
        await comes_to_be_in_step(terminal)
        await asyncio.to_thread(ada.delete, mine)
        await asyncio.to_thread(ada.reply, discussion.id, "To the end.")
        await comes_to_be_in_step(terminal)
        happened = await asyncio.to_thread(ada.events, discussion.id, before)
        # Besides what happened, it was drawn for being loaded and for having caught up with each of three streams.
        # A stream may be cut as it begins, which makes one more at each of two cuts.
        assert len(happened) <= terminal.drawings <= len(happened) + 6

        # It loads the thread anew where its cursor is not honoured.
        line.stall()
        line.reset()
        await asyncio.to_thread(ada.reply, discussion.id, "Beyond the log.", above["id"])
        await trim(server, ada, discussion, after=before)
        line.go_on()
        await comes_to_be_in_step(terminal)
    written = [reply for reply in await asyncio.to_thread(replies, ada, discussion.id) if reply["bodyText"] == body]
    assert len(written) == 1
