"""Old names of tests.support, for branches that are not merged yet: remove this file then."""

from tests.support.http import Answer as Answer
from tests.support.http import Client as Client
from tests.support.http import Data as Data
from tests.support.http import Discussion as Discussion
from tests.support.http import Failed as Failed
from tests.support.http import put as put
