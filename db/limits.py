"""What a write may hold at most; the settings can change each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths are in characters (Unicode code points)."""

    title_length: int = 200
    opening_post_length: int = 100_000
    reply_length: int = 40_000
    depth: int = 100
    """How deep a reply may stand, counted from 0 for an answer to the opening post."""
    quotes: int = 20
    client_mutation_id_length: int = 128
    name_length: int = 60
