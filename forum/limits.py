"""What a write may hold at most. The settings can change each of the fields."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """Limits of posts. None, which the settings cannot say, is for importers: they lose nothing."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    title_length: Annotated[int, Field(ge=1)] | None = 200
    """Maximum characters (Unicode code points) of a title."""
    opening_post_length: Annotated[int, Field(ge=1)] | None = 100_000
    """Maximum characters of an opening post."""
    reply_length: Annotated[int, Field(ge=1)] | None = 40_000
    """Maximum characters of a reply."""
    depth: Annotated[int, Field(ge=0, le=500)] = 100
    """Maximum number of replies above a reply."""
    quotes: Annotated[int, Field(ge=0, le=100)] | None = 20
    """Maximum number of quotes in a post."""

    client_mutation_id_length: ClassVar[int] = 128
    name_length: ClassVar[int] = 60
    reason_length: ClassVar[int] = 500
    category_name_length: ClassVar[int] = 60
    category_description_length: ClassVar[int] = 500


IMPORT_LIMITS = Limits(title_length=None, opening_post_length=None, reply_length=None, depth=500, quotes=None)
"""For text that was written elsewhere, under other limits."""
