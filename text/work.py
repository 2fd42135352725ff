"""Counts the work that parsing a body makes, which bounds its time."""

from typing import Any

MAX_WORK = 70_000
"""How much work a body may make, in units of about 2 microseconds: a body that makes more is shown as plain text.

People do not write such posts: 100,000 characters of prose make about 5,000 units, a log without a fence 40,000.
"""
WORK = "work"
"""The key of a parser's environment under which the work so far is counted."""
TOKEN = 5
CELL = 15
LINK = 12
BRACKET = 8
IMAGE = 16
DELIMITER = 4
BREAK = 4


class TooComplex(Exception):
    """The body exceeds a limit of the parser that posts written by people do not reach."""


def charge(env: Any, units: int) -> None:
    """Counts work. Raises TooComplex if the body makes more than MAX_WORK units."""
    env[WORK] = done = env.get(WORK, 0) + units
    if done > MAX_WORK:
        raise TooComplex
