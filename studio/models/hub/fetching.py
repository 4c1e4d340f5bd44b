"""Fetching one file: resumed where it was left, checked to the last bit.

What has arrived lies in a ``.part`` beside the target, with the server's ETag beside that; the
rest is asked for by Range, also after the program was killed. The target appears when its content
is what the hub says that it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, Final

import httpx2

from studio.core.atomic import discard, publish
from studio.core.errors import ModelError
from studio.generation.checksums import Checksum
from studio.models.hub.client import Hub
from studio.models.hub.retries import Busy
from studio.models.progress import Meter

_PART_SUFFIX: Final = ".part"
_TAG_SUFFIX: Final = ".part.etag"
_HASH_CHUNK: Final = 4 * 2**20
_TRIES_AT_CONTENT: Final = 2


@dataclass(frozen=True)
class Wanted:
    """A file to be fetched.

    Attributes:
        address: where.
        whose: the repository or address, for messages.
        name: of the file, for messages.
        target: where it will lie; its folder is made.
        size: bytes; 0 where that is not known.
        sha256, blob: what it has to be; see `studio.models.hub.client.RemoteFile`.
    """

    address: str
    whose: str
    name: str
    target: Path
    size: int = 0
    sha256: str = ""
    blob: str = ""

    @property
    def part(self) -> Path:
        """Where what has arrived lies."""
        return self.target.with_name(self.target.name + _PART_SUFFIX)

    @property
    def arrived(self) -> int:
        """Bytes of it that need not be fetched any more."""
        with contextlib.suppress(OSError):
            return self.part.stat().st_size
        return 0


async def fetch(hub: Hub, wanted: Wanted, meter: Meter) -> Checksum:
    """Fetches a file and returns what it is.

    Args:
        hub: to ask.
        wanted: the file.
        meter: counts the bytes; those of the ``.part`` are taken as counted.

    Raises:
        ModelError: if it cannot be had, or is not what it should be.
        OSError: if it cannot be written; what has arrived is kept.
    """
    wanted.target.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(_TRIES_AT_CONTENT):
        with wanted.part.open("ab") as file:
            transfer = _Transfer(hub, wanted, meter, file)
            checksum = await transfer.run()
        if checksum is not None:
            publish(wanted.part, wanted.target)
            discard(_tag(wanted))
            return checksum
        meter.add(-wanted.arrived, wanted.name)
        forget(wanted)
    raise ModelError(
        f"{wanted.name} of {wanted.whose} is not what the hub says it is: try again later, or "
        "use another mirror."
    )


def forget(wanted: Wanted) -> None:
    """Removes what has arrived of a file."""
    discard(wanted.part)
    discard(_tag(wanted))


def blob_name(path: Path) -> str:
    """The SHA-1 by which Git knows a small file; empty where it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError:
        return ""
    head = _blob_head(len(content))
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


class _Transfer:
    """A file on its way; its bytes are hashed as they come."""

    def __init__(self, hub: Hub, wanted: Wanted, meter: Meter, file: IO[bytes]) -> None:
        self._hub = hub
        self._wanted = wanted
        self._meter = meter
        self._file = file
        self._begin()

    async def run(self) -> Checksum | None:
        """Fetches what lacks; None where the whole is not what it should be."""
        await self._read_what_is_there()
        if not self._wanted.size or self._count < self._wanted.size:
            try:
                await self._hub.retries.run(self._once, lambda: self._count)
            except _Wrong:
                return None
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._checksum()

    async def _read_what_is_there(self) -> None:
        with self._wanted.part.open("rb") as there:
            while chunk := await asyncio.to_thread(there.read, _HASH_CHUNK):
                self._hash(chunk)

    async def _once(self) -> None:
        async with self._hub.client.stream(
            "GET", self._wanted.address, headers=self._range()
        ) as answer:
            if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                self._restart()
                raise Busy("HTTP 416")
            self._hub.check(answer, self._wanted.whose)
            if self._count and _start(answer) != self._count:
                self._restart()
            _tag(self._wanted).write_text(answer.headers.get("ETag", ""), encoding="utf-8")
            async for chunk in answer.aiter_raw():
                self._write(chunk)
        if self._count < self._wanted.size:
            raise Busy("an answer that was cut short")

    def _range(self) -> dict[str, str]:
        """The headers that ask for what lacks, as long as the file is still the same."""
        if not self._count:
            return {}
        headers = {"Range": f"bytes={self._count}-"}
        with contextlib.suppress(OSError, UnicodeDecodeError):
            tag = _tag(self._wanted).read_text(encoding="utf-8")
            if re.fullmatch(r'"[\x21\x23-\x7e]*"', tag):  # a weak one says too little
                headers["If-Range"] = tag
        return headers

    def _write(self, chunk: bytes) -> None:
        if self._wanted.size and self._count + len(chunk) > self._wanted.size:
            raise _Wrong
        self._file.write(chunk)
        self._file.flush()  # what has arrived outlives this process
        self._hash(chunk)
        self._meter.add(len(chunk), self._wanted.name)

    def _hash(self, chunk: bytes) -> None:
        self._count += len(chunk)
        self._sha256.update(chunk)
        if self._wanted.blob:
            self._sha1.update(chunk)

    def _restart(self) -> None:
        self._meter.add(-self._count, self._wanted.name)
        self._file.truncate(0)
        self._begin()

    def _begin(self) -> None:
        self._count = 0
        self._sha256 = hashlib.sha256()
        self._sha1 = hashlib.sha1(_blob_head(self._wanted.size), usedforsecurity=False)

    def _checksum(self) -> Checksum | None:
        sha256, blob = self._sha256.hexdigest(), self._sha1.hexdigest()
        is_right = (
            (not self._wanted.size or self._count == self._wanted.size)
            and self._wanted.sha256 in {"", sha256}
            and self._wanted.blob in {"", blob}
        )
        return Checksum(sha256, self._count) if is_right else None


class _Wrong(Exception):  # noqa: N818 - a finding
    """The content cannot be the file's."""


def _blob_head(size: int) -> bytes:
    return f"blob {size}\0".encode()


def _start(answer: httpx2.Response) -> int:
    """Where in the file an answer begins."""
    if answer.status_code != HTTPStatus.PARTIAL_CONTENT:
        return 0
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(found[1]) if found else 0


def _tag(wanted: Wanted) -> Path:
    return wanted.target.with_name(wanted.target.name + _TAG_SUFFIX)
