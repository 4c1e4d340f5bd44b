"""Which licences the person has accepted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from studio.core.atomic import reason, write_atomically
from studio.core.errors import ModelError
from studio.generation.catalog import Installable

LICENCES_FILE: Final = "licences.json"
"""In the config folder."""


class _Acceptance(msgspec.Struct, frozen=True):
    licence: str
    url: str
    accepted: datetime


class Licences:
    """The record of what was accepted, and when.

    Args:
        config: folder of the person's settings.
    """

    def __init__(self, config: Path) -> None:
        self._path = config / LICENCES_FILE

    def is_open(self, item: Installable) -> bool:
        """Whether its licence has still to be accepted; another text is another licence.

        Raises:
            ModelError: if the record cannot be read.
        """
        if not item.licence_accept:
            return False
        found = self._read().get(item.id)
        return found is None or (found.licence, found.url) != (item.licence, item.licence_url)

    def accept(self, item: Installable) -> None:
        """Records that the person accepts it now.

        Raises:
            ModelError: if the record cannot be read or written.
        """
        acceptance = _Acceptance(item.licence, item.licence_url, datetime.now(UTC))
        record = self._read() | {item.id: acceptance}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            encoded = msgspec.json.encode(record)
            write_atomically(self._path, msgspec.json.format(encoded, indent=2))
        except OSError as error:
            raise ModelError(
                f"{self._path} cannot be written because {reason(error)}: the acceptance of the "
                "licence is not recorded."
            ) from error

    def _read(self) -> dict[str, _Acceptance]:
        try:
            written = self._path.read_bytes() if self._path.is_file() else b"{}"
            return msgspec.json.decode(written, type=dict[str, _Acceptance])
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The record of accepted licences {self._path} cannot be read: remove it, and "
                "accept them again."
            ) from error
