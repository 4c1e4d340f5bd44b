"""The ZIP archive of an OpenRaster document, read with distrust.

No more of an entry is unpacked than makes sense, whatever the file says of it.
"""

from __future__ import annotations

import contextlib
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

from studio.core.errors import PictureError
from studio.files.limits import DAMAGE, DamagedPartError
from studio.files.openraster import layout

MAX_XML_BYTES = 8 * 2**20
MAX_TEXT_BYTES = 2**20
"""Of a recipe and the like."""


class Archive:
    """An opened document, whose entries several threads may read at once.

    Args:
        file: the archive.
        path: for messages.
    """

    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file = file
        self._path = path
        self._lock = threading.Lock()

    def stack(self) -> ElementTree.Element:
        """The root of ``stack.xml``.

        Raises:
            PictureError: if it is missing, damaged or dangerous.
        """
        try:
            return _parse(self._content(layout.STACK_ENTRY, MAX_XML_BYTES))
        except (DamagedPartError, ElementTree.ParseError, *DAMAGE) as error:
            raise PictureError(
                f"{self._path} is not an OpenRaster document, or is damaged: its list of layers "
                "cannot be read.",
                details=str(error),
            ) from error

    def text(self, name: str | None) -> bytes | None:
        """The content of a small entry, None where it is missing or damaged."""
        try:
            return self._content(name or "", MAX_TEXT_BYTES)
        except DamagedPartError:
            return None

    @contextlib.contextmanager
    def entry(self, name: str) -> Iterator[IO[bytes]]:
        """An entry to read from; names are looked up in the archive alone, never on the disk.

        Raises:
            DamagedPartError: if there is none, or it cannot be opened.
        """
        try:
            with self._lock:
                file = self._file.open(name)
        except KeyError as error:
            raise DamagedPartError("is missing from the file") from error
        except DAMAGE as error:
            raise DamagedPartError("is damaged") from error
        try:
            yield file
        finally:
            with self._lock:
                file.close()

    def size(self, name: str) -> int:
        """Bytes that an entry takes up in the file; 0 where it is missing."""
        info = self._file.NameToInfo.get(name)
        return 0 if info is None else info.compress_size

    def crc(self, name: str) -> int | None:
        """An entry's checksum; None where it is missing."""
        info = self._file.NameToInfo.get(name)
        return None if info is None else info.CRC

    def _content(self, name: str, limit: int) -> bytes:
        with self.entry(name) as file:
            try:
                content = file.read(limit + 1)
            except DAMAGE as error:
                raise DamagedPartError("is damaged") from error
        if len(content) > limit:
            raise DamagedPartError("is too large")
        return content


class _NoDoctype(ElementTree.TreeBuilder):
    """Refuses declarations, with which a few bytes can expand to gigabytes."""

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Called as soon as one begins."""
        raise DamagedPartError("declares a document type")


def _parse(xml: bytes) -> ElementTree.Element:
    root: Any = ElementTree.fromstring(xml, ElementTree.XMLParser(target=_NoDoctype()))
    if root.tag != "image":
        raise DamagedPartError("has no image")
    element: ElementTree.Element = root
    return element
