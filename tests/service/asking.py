"""Old names of tests.support, for branches that are not merged yet: remove this file then."""

from tests.support.http import ISSUER as ISSUER
from tests.support.http import Data as Data
from tests.support.http import People as People
from tests.support.http import Person as Person
from tests.support.http import claims as claims
from tests.support.http import document as document
from tests.support.http import people_of as people_of
from tests.support.http import quotes_of as quotes_of
from tests.support.http import raced as raced
from tests.support.http import signed as signed
from tests.support.http import status_is as status_is
from tests.support.waiting import eventually as eventually
