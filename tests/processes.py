"""Old names of tests.support, for branches that are not merged yet: remove this file then."""

from tests.support.processes import HOST as HOST
from tests.support.processes import Server as Server
from tests.support.processes import ServerFailed as ServerFailed
from tests.support.processes import free_port as free_port
from tests.support.waiting import eventually as wait_until  # noqa: F401
