"""Old names of tests.support, for branches that are not merged yet: remove this file then."""

from tests.support.waiting import eventually_async as until  # noqa: F401
from tests.support.websocket import EVENTS as EVENTS
from tests.support.websocket import REPLIES as REPLIES
from tests.support.websocket import Socket as Socket
from tests.support.websocket import connected as connected
from tests.support.websocket import following as following
from tests.support.websocket import metric as metric
from tests.support.websocket import numbers as numbers
from tests.support.websocket import opened as opened
