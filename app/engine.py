"""Builds the execution engine for Parley's schema from the settings."""

from app.settings import Settings, fail
from execution.documents import DocumentLimits
from execution.engine import Engine
from execution.page_cache import PageCache
from execution.persisted import read_manifest
from schema.root import LONG_TEXTS, WEIGHTS, schema, sizes
from schema.scalars import NATIVES


def open_engine(chosen: Settings, page_cache: PageCache | None = None) -> Engine:
    """Returns the engine. An invalid manifest of trusted documents ends the program with one line."""
    try:
        return Engine(
            schema,
            NATIVES,
            limits=DocumentLimits(tokens=chosen.max_tokens, depth=chosen.max_depth, cost=chosen.max_cost),
            sizes=sizes(chosen.limits),
            weights=WEIGHTS,
            long_texts=LONG_TEXTS,
            persisted=chosen.persisted_documents,
            manifest=read_manifest(chosen.documents_manifest) if chosen.documents_manifest else None,
            page_cache=page_cache,
        )
    except ValueError as error:
        fail(f"PARLEY_DOCUMENTS_MANIFEST: {chosen.documents_manifest}: {error}")
