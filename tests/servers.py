"""Old names of tests.support, for branches that are not merged yet: remove this file then."""

from tests.support.servers import ROOT as ROOT
from tests.support.servers import Parley as Parley
from tests.support.servers import PostgreSQL as PostgreSQL
from tests.support.servers import Valkey as Valkey
from tests.support.servers import parley_environment as parley_environment
from tests.support.servers import run as run
from tests.support.servers import told as told
