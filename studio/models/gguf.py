"""What tensors a GGUF file holds, read from its header alone; versions 2 and 3, little-endian.

The format is described in https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: a magic, a
version, two counts, key and value pairs, then for each tensor its name, dimensions, type and place
among the bytes that follow. As with `studio.models.tensors`, no length is believed.
"""

from __future__ import annotations

import math
import os
import re
import struct
from pathlib import Path
from typing import IO, Final

from studio.models.tensors import (
    MAX_HEADER_BYTES,
    MAX_TENSORS,
    DamagedHeaderError,
    Tensor,
    Tensors,
    damaged,
    opened,
)

MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_MAX_PAIRS: Final = 10_000
_MAX_NAME_BYTES: Final = 65_535
_MAX_TEXT_BYTES: Final = 2**20
_MAX_DIMENSIONS: Final = 8
_DEFAULT_ALIGNMENT: Final = 32
_ALIGNMENT_KEY: Final = "general.alignment"

_SCALARS: Final = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
"""How values of one number are packed, by the type that the format gives them."""
_TEXT: Final = 8
_ARRAY: Final = 9

_TYPES: Final = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
}
"""Name, numbers in a block and bytes of a block, of each type of tensor."""


def read_gguf(path: Path) -> Tensors:
    """The header of a ``.gguf`` file; shapes are in PyTorch's order, types are GGUF's own.

    Raises:
        ModelError: if it cannot be read, is cut short or breaks the format's rules.
    """
    with opened(path) as file:
        return parse_gguf(file, path)


def parse_gguf(file: IO[bytes], path: Path) -> Tensors:
    """Like `read_gguf`, of a file that is open at its beginning; ``path`` is for errors.

    Raises:
        ModelError: if the file is cut short or breaks the format's rules.
        OSError: if it cannot be read.
    """
    try:
        return _parse(_Header(file, os.fstat(file.fileno()).st_size))
    except DamagedHeaderError as error:
        raise damaged(path, error) from error


class _Header:
    """Reads one value after another and stops where the file or any sensible header ends."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self.size = size
        self.position = 0

    def take(self, count: int) -> bytes:
        """The next bytes."""
        self._advance(count)
        data = self._file.read(count)
        if len(data) < count:
            raise DamagedHeaderError("is cut short within its header")
        return data

    def skip(self, count: int) -> None:
        """Passes over bytes without reading them."""
        self._advance(count)
        self._file.seek(count, os.SEEK_CUR)

    def number(self, packing: str) -> int | float | bool:
        """The next number."""
        value: int | float | bool = struct.unpack(packing, self.take(struct.calcsize(packing)))[0]
        return value

    def count(self, packing: str = "<Q") -> int:
        """The next number, an unsigned one."""
        return int(self.number(packing))

    def text(self, most: int) -> str:
        """The next text, at most so many bytes long."""
        length = self.count()
        if length > most:
            raise DamagedHeaderError("has a header with a text that is too long")
        return self.take(length).decode("utf-8", errors="replace")

    def _advance(self, count: int) -> None:
        self.position += count
        if self.position > self.size:
            raise DamagedHeaderError("is cut short within its header")
        if self.position > MAX_HEADER_BYTES:
            raise DamagedHeaderError("has a header that is longer than any model's")


def _parse(header: _Header) -> Tensors:
    if header.size == 0:
        raise DamagedHeaderError("is empty")
    if header.size < len(MAGIC) or header.take(len(MAGIC)) != MAGIC:
        raise DamagedHeaderError("is no GGUF file, or it is damaged")
    version = header.count("<I")
    if version not in _VERSIONS:
        raise DamagedHeaderError("is a GGUF file of a version that Sfumato does not know")
    count, pairs = header.count(), header.count()
    if count > MAX_TENSORS or pairs > _MAX_PAIRS:
        raise DamagedHeaderError("names more tensors or values than any model has")
    metadata: dict[str, str] = {}
    for _ in range(pairs):
        key = header.text(_MAX_NAME_BYTES)
        value = _value(header, header.count("<I"))
        if value is not None:
            metadata[key] = value
    places: list[tuple[int, int, str]] = []
    tensors: dict[str, Tensor] = {}
    for _ in range(count):
        name, tensor, place = _tensor(header)
        if name in tensors:
            raise DamagedHeaderError(f"has a wrong header (the tensor {name!r} is there twice)")
        tensors[name] = tensor
        places.append((*place, name))
    _check_places(places, header, metadata)
    return Tensors(tensors, metadata, is_quantised=True)


def _value(header: _Header, kind: int) -> str | None:
    """The next value as text; arrays are passed over."""
    if kind == _TEXT:
        return header.text(_MAX_TEXT_BYTES)
    if kind == _ARRAY:
        _skip_array(header)
        return None
    if kind not in _SCALARS:
        raise DamagedHeaderError("has a header with a value of an unknown type")
    return str(header.number(_SCALARS[kind]))


def _skip_array(header: _Header) -> None:
    kind, count = header.count("<I"), header.count()
    if kind in _SCALARS:
        header.skip(count * struct.calcsize(_SCALARS[kind]))
    elif kind == _TEXT:
        for _ in range(count):  # ends with the header at the latest: each takes eight bytes
            header.skip(header.count())
    else:
        raise DamagedHeaderError("has a header with a list of an unknown type")


def _tensor(header: _Header) -> tuple[str, Tensor, tuple[int, int]]:
    """The next tensor: its name, what it is, and where it begins and ends in the data."""
    name = header.text(_MAX_NAME_BYTES)
    dimensions = header.count("<I")
    if dimensions > _MAX_DIMENSIONS:
        raise DamagedHeaderError(f"has a wrong header (the dimensions of the tensor {name!r})")
    shape = tuple(header.count() for _ in range(dimensions))[::-1]
    kind, start = header.count("<I"), header.count()
    if kind not in _TYPES:
        raise DamagedHeaderError(f"is quantised in a way (type {kind}) that Sfumato does not know")
    dtype, block, block_bytes = _TYPES[kind]
    if shape and shape[-1] % block:
        raise DamagedHeaderError(f"has a wrong header (the size of the tensor {name!r})")
    stop = start + math.prod(shape) // block * block_bytes
    return name, Tensor(dtype, shape), (start, stop)


def _check_places(
    places: list[tuple[int, int, str]], header: _Header, metadata: dict[str, str]
) -> None:
    """Holds the tensors' places against the bytes that are there, without overlaps."""
    alignment = metadata.get(_ALIGNMENT_KEY, str(_DEFAULT_ALIGNMENT))
    step = int(alignment) if re.fullmatch("[0-9]{1,8}", alignment) else 0
    if step == 0:
        raise DamagedHeaderError("has a wrong header (its alignment)")
    available = header.size - math.ceil(header.position / step) * step
    end = 0
    for start, stop, name in sorted(places):
        if start < end or start % step:
            raise DamagedHeaderError(f"has a wrong header (the place of the tensor {name!r})")
        end = stop
    if end > available:
        raise DamagedHeaderError(f"is cut short: {end - available:,} bytes are missing at its end")
