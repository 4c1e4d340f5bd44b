"""What tensors a file of weights holds, read from its header alone.

A ``.safetensors`` file begins with the length of a JSON header, eight bytes, little-endian, then
the header: for each tensor its type, shape and place among the bytes that follow. Weights that
were split over several files have an index beside them that names the file of each tensor.

No weight is ever read here, and no header is believed: every length, place and size is held
against the file (https://github.com/huggingface/safetensors, section "Format").
"""

from __future__ import annotations

import contextlib
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Final, TypeAlias

import msgspec

from studio.core.atomic import reason
from studio.core.errors import ModelError

_INDEX: Final = re.compile(r".+\.safetensors\.index(?:\.(?P<variant>\w+))?\.json")
"""The name of the index of weights in several files."""
MAX_HEADER_BYTES: Final = 32 * 2**20
"""No header may be longer; those of the largest models take two, pictures in metadata some more."""
MAX_TENSORS: Final = 100_000
MAX_SHARDS: Final = 1000
_MAX_DIMENSIONS: Final = 16
_LENGTH_BYTES: Final = 8

_BITS: Final = {
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "F8_E4M3": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2": 8,
    "F8_E5M2FNUZ": 8,
    "F8_E8M0": 8,
    "U16": 16,
    "I16": 16,
    "F16": 16,
    "BF16": 16,
    "U32": 32,
    "I32": 32,
    "F32": 32,
    "U64": 64,
    "I64": 64,
    "F64": 64,
    "C64": 64,
}
"""What one number of each type takes."""


class DamagedHeaderError(Exception):
    """A header breaks its format's rules; the text completes "The file ..."."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a file.

    Attributes:
        dtype: as the format names it, such as ``F16`` or, of GGUF, ``Q4_K``.
        shape: in PyTorch's order, the outermost dimension first.
    """

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Tensors(Mapping[str, Tensor]):
    """The tensors of a file by name, in no order that means anything.

    Attributes:
        metadata: what the program that wrote the file says of it, as text.
        is_quantised: whether they come from a GGUF file.
    """

    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str] = field(default_factory=dict)
    is_quantised: bool = False

    def __getitem__(self, name: str) -> Tensor:
        return self.tensors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tensors)

    def __len__(self) -> int:
        return len(self.tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor; empty where there is none of that name."""
        tensor = self.tensors.get(name)
        return tensor.shape if tensor else ()

    def width(self, name: str, axis: int = -1) -> int:
        """How long a tensor is along an axis; 0 where it is not there or has no such axis."""
        shape = self.shape(name)
        return shape[axis] if -len(shape) <= axis < len(shape) else 0

    def under(self, prefix: str) -> Tensors:
        """The tensors whose names begin with ``prefix``, named without it.

        >>> names = Tensors({"vae.a": Tensor("F16", (1,)), "b": Tensor("F16", (2,))})
        >>> list(names.under("vae."))
        ['a']
        """
        if not prefix:
            return self
        cut = len(prefix)
        return Tensors(
            {name[cut:]: tensor for name, tensor in self.items() if name.startswith(prefix)},
            self.metadata,
            self.is_quantised,
        )

    def has_under(self, prefix: str) -> bool:
        """Whether the name of any tensor begins with ``prefix``."""
        return any(name.startswith(prefix) for name in self.tensors)


_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class _Entry(msgspec.Struct, frozen=True):
    """One tensor in the header, as written."""

    dtype: str
    shape: Annotated[tuple[_Count, ...], msgspec.Meta(max_length=_MAX_DIMENSIONS)]
    data_offsets: tuple[_Count, _Count]


class _Index(msgspec.Struct, frozen=True):
    """The index of weights in several files, as written."""

    weight_map: dict[str, str]


def read_safetensors(path: Path) -> Tensors:
    """The header of a ``.safetensors`` file.

    Raises:
        ModelError: if it cannot be read, is cut short or breaks the format's rules.
    """
    with opened(path) as file:
        return parse_safetensors(file, path)


def parse_safetensors(file: IO[bytes], path: Path) -> Tensors:
    """Like `read_safetensors`, of a file that is open at its beginning; ``path`` is for errors.

    Raises:
        ModelError: if the file is cut short or breaks the format's rules.
        OSError: if it cannot be read.
    """
    try:
        return _parse(file, os.fstat(file.fileno()).st_size)
    except DamagedHeaderError as error:
        raise damaged(path, error) from error


def is_index(path: Path) -> bool:
    """Whether a file is by its name the index of weights in several files."""
    return _INDEX.fullmatch(path.name) is not None


def index_variant(path: Path) -> str:
    """Of which variant of the weights an index is, such as ``fp16``; empty for the usual one."""
    match = _INDEX.fullmatch(path.name)
    return (match["variant"] or "") if match else ""


def read_sharded(index: Path) -> Tensors:
    """The headers of weights in several files, put together.

    Args:
        index: the file beside them that `is_index`.

    Raises:
        ModelError: if the index or one of the files cannot be read, is missing or damaged, or
            lacks a tensor that the index promises.
    """
    with opened(index) as file:
        text = file.read(MAX_HEADER_BYTES + 1)
    try:
        if len(text) > MAX_HEADER_BYTES:
            raise DamagedHeaderError("is too large to be an index of weights")
        weight_map = msgspec.json.decode(text, type=_Index).weight_map
        shards = _shards(index, weight_map)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise damaged(index, DamagedHeaderError("is no index of weights")) from error
    except DamagedHeaderError as error:
        raise damaged(index, error) from error
    tensors = {name: shards[shard].get(name) for name, shard in weight_map.items()}
    for name, tensor in tensors.items():
        if tensor is None:
            raise ModelError(
                f"{index.parent / weight_map[name]} lacks the tensor {name!r} that its index "
                "promises: download the model again."
            )
    metadata = next((shard.metadata for shard in shards.values()), {})
    return Tensors({name: tensor for name, tensor in tensors.items() if tensor}, metadata)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """An ordinary file, open for reading.

    Raises:
        ModelError: if there is no file, it is no ordinary one, or it cannot be opened or read.
    """
    try:
        if not path.is_file():
            raise ModelError(f"There is no file {path}: check the path.")
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {reason(error)}.") from error


def damaged(path: Path, error: DamagedHeaderError) -> ModelError:
    """What to tell the person of a file whose header breaks the rules."""
    return ModelError(f"{path} {error}: download it again.")


def _parse(file: IO[bytes], size: int) -> Tensors:
    if size == 0:
        raise DamagedHeaderError("is empty")
    prefix = file.read(_LENGTH_BYTES)
    length = int.from_bytes(prefix, "little")
    if len(prefix) < _LENGTH_BYTES or length < 2 or length > MAX_HEADER_BYTES:
        raise DamagedHeaderError("is no safetensors file, or it is damaged")
    header = file.read(length)
    if len(header) < length:
        raise DamagedHeaderError("is cut short within its header")
    entries, metadata = _decode(header)
    _check_places(entries, size - _LENGTH_BYTES - length)
    tensors = {name: Tensor(entry.dtype, entry.shape) for name, entry in entries.items()}
    return Tensors(tensors, metadata)


def _decode(header: bytes) -> tuple[dict[str, _Entry], dict[str, str]]:
    try:
        raw = msgspec.json.decode(header, type=dict[str, msgspec.Raw])
        metadata = msgspec.json.decode(raw.pop("__metadata__", b"{}"), type=dict[str, str] | None)
        if len(raw) > MAX_TENSORS:
            raise DamagedHeaderError("names more tensors than any model has")
        entries = {name: msgspec.json.decode(entry, type=_Entry) for name, entry in raw.items()}
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise DamagedHeaderError("has a header that is no list of tensors") from error
    return entries, metadata or {}


def _check_places(entries: Mapping[str, _Entry], available: int) -> None:
    """Holds the tensors' places against the bytes that are there: without holes or overlaps."""
    end = 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1].data_offsets):
        start, stop = entry.data_offsets
        if start != end or stop < start:
            kind = "overlaps another" if start < end else "has a hole before it"
            raise DamagedHeaderError(f"has a wrong header (the tensor {name!r} {kind})")
        if entry.dtype not in _BITS:
            raise DamagedHeaderError(f"has numbers of the unknown type {entry.dtype!r}")
        if math.prod(entry.shape) * _BITS[entry.dtype] != 8 * (stop - start):
            raise DamagedHeaderError(f"has a wrong header (the size of the tensor {name!r})")
        end = stop
    if end > available:
        raise DamagedHeaderError(f"is cut short: {end - available:,} bytes are missing at its end")
    if end < available:
        raise DamagedHeaderError(f"has {available - end:,} bytes too many at its end")


def _shards(index: Path, weight_map: Mapping[str, str]) -> dict[str, Tensors]:
    names = set(weight_map.values())
    if not names or len(names) > MAX_SHARDS or len(weight_map) > MAX_TENSORS:
        raise DamagedHeaderError("is no index of weights")
    for name in names:
        if Path(name).name != name or "\\" in name or not name.endswith(".safetensors"):
            raise DamagedHeaderError(f"names {name!r}, which is no .safetensors file beside it")
        if not (index.parent / name).is_file():
            raise ModelError(
                f"{index.parent} lacks {name}, a part of its weights: download the model again."
            )
    return {name: read_safetensors(index.parent / name) for name in sorted(names)}
