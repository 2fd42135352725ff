"""What the process that commands are forked from has done before: imports, and what is computed once per process.

Each fork begins with all of this. Its garbage collector leaves alone what was there before the fork, which would
otherwise be copied page by page.
"""

import gc

import anyio._backends._asyncio  # noqa: F401 - what else the first thread of a server would load.
import pytest  # noqa: F401 - what runs the tests is imported by each fork too: see multiprocessing.spawn.

import server  # noqa: F401 - it registers the commands.
from schema.root import sdl
from web.assets import Assets
from web.rendering import page_templates

sdl()
page_templates(Assets(), public_url="", site_name="", demo=False)
gc.collect()
gc.freeze()
