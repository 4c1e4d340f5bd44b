"""A document as it was read from a file."""

from __future__ import annotations

from typing import NamedTuple

from studio.core.document import Document


class LoadedDocument(NamedTuple):
    """A document as it was read.

    Attributes:
        document: what could be read.
        notes: sentences that the person should read: what was left out or changed.
    """

    document: Document
    notes: tuple[str, ...]
