"""Brushes kept by name, each a small TOML file: those of the program and the person's own.

::

    format = 1
    name = "Pencil"
    kind = "paint"
    size = 4.0
    texture = "paper"

    [[dynamics]]
    source = "pressure"
    target = "flow"
    curve = [[0.0, 0.1], [1.0, 1.0]]

What is left out is as a plain brush has it; the colour is the person's and not kept.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from studio.core.atomic import reason, write_atomically
from studio.core.brush import (
    MAX_SIZE,
    MIN_SIZE,
    BrushSettings,
    Curve,
    Dynamic,
    Source,
    Target,
    Texture,
)
from studio.core.errors import KnownError

SUFFIX = ".toml"
MAX_BYTES = 64 * 1024
"""No file of a brush is longer."""
MAX_NAME = 60
_FORMAT = 1
_PLAIN = BrushSettings(dynamics=())

_Share = Annotated[float, Meta(ge=0.0, le=1.0)]
_Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]


class BrushKind(StrEnum):
    """What a brush is for."""

    PAINT = "paint"
    ERASE = "erase"
    MASK = "mask"


class BrushPreset(msgspec.Struct, frozen=True):
    """A brush with a name.

    Attributes:
        settings: of the brush; the colour counts for nothing.
        path: of its file.
        is_own: it is the person's and may be changed.
    """

    name: str
    kind: BrushKind
    settings: BrushSettings
    path: Path
    is_own: bool = False


class _DynamicTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As written in a file."""

    source: Source
    target: Target
    curve: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))


class _BrushTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As written in a file."""

    format: Annotated[int, Meta(ge=1, le=_FORMAT)]
    name: _Name
    kind: BrushKind = BrushKind.PAINT
    size: Annotated[float, Meta(ge=MIN_SIZE, le=MAX_SIZE)] = _PLAIN.size
    hardness: _Share = _PLAIN.hardness
    opacity: _Share = _PLAIN.opacity
    flow: _Share = _PLAIN.flow
    spacing: Annotated[float, Meta(ge=0.01, le=10.0)] = _PLAIN.spacing
    angle: Annotated[float, Meta(ge=-360.0, le=360.0)] = _PLAIN.angle
    roundness: Annotated[float, Meta(ge=0.05, le=1.0)] = _PLAIN.roundness
    smoothing: _Share = _PLAIN.smoothing
    texture: Texture = _PLAIN.texture
    grain: _Share = _PLAIN.grain
    dynamics: Annotated[tuple[_DynamicTable, ...], Meta(max_length=64)] = ()


_PARAMETERS = tuple(
    name
    for name in _BrushTable.__struct_fields__
    if name not in ("format", "name", "kind", "dynamics")
)


class BrushStore:
    """The brushes that can be had, and the folder of the person's own.

    Args:
        shipped: the program's folder; only read.
        own: the person's; made when it is first needed. None where nothing can be kept.
    """

    def __init__(self, shipped: Path, own: Path | None = None) -> None:
        self._shipped = shipped
        self._own = own
        self._presets: tuple[BrushPreset, ...] = ()
        self._problems: tuple[KnownError, ...] = ()
        self.reload()

    @property
    def presets(self) -> tuple[BrushPreset, ...]:
        """All brushes: the program's in its order, then the person's by name."""
        return self._presets

    @property
    def problems(self) -> tuple[KnownError, ...]:
        """What is wrong with files that could not be read; the others are there all the same."""
        return self._problems

    @property
    def keeps(self) -> bool:
        """Whether brushes can be saved."""
        return self._own is not None

    def of(self, kind: BrushKind) -> tuple[BrushPreset, ...]:
        """The brushes of one kind."""
        return tuple(preset for preset in self._presets if preset.kind is kind)

    def reload(self) -> None:
        """Reads all files again."""
        problems: list[KnownError] = []
        shipped = list(_read_folder(self._shipped, problems, is_own=False))
        own = [] if self._own is None else list(_read_folder(self._own, problems, is_own=True))
        own.sort(key=lambda preset: preset.name.casefold())
        self._presets = (*shipped, *own)
        self._problems = tuple(problems)

    def save(self, name: str, kind: BrushKind, settings: BrushSettings) -> BrushPreset:
        """Keeps a brush; one of the person's own of that name is replaced.

        Raises:
            KnownError: if the name cannot be used or the file cannot be written.
        """
        name = checked_name(name)
        known = self._named(name)
        if known is not None and not known.is_own:
            raise KnownError(f"{name!r} is a brush of the program: choose another name.")
        path = known.path if known is not None else self._free_path(name)
        preset = BrushPreset(name, kind, settings, path, is_own=True)
        self._write(preset)
        self.reload()
        return self._named(name) or preset

    def rename(self, preset: BrushPreset, name: str) -> BrushPreset:
        """Gives one of the person's own brushes another name.

        Raises:
            KnownError: if it is not theirs, the name is taken, or the file cannot be written.
        """
        name = checked_name(name)
        _check_own(preset)
        if name == preset.name:
            return preset
        taken = self._named(name)
        if taken is not None and taken.path != preset.path:
            raise KnownError(
                f"There is a brush called {taken.name!r} already: choose another name."
            )
        renamed = replace(preset, name=name)
        self._write(renamed)
        self.reload()
        return self._named(name) or renamed

    def delete(self, preset: BrushPreset) -> None:
        """Removes one of the person's own brushes.

        Raises:
            KnownError: if it is not theirs or its file cannot be removed.
        """
        _check_own(preset)
        try:
            preset.path.unlink(missing_ok=True)
        except OSError as error:
            raise KnownError(
                f"The brush {preset.name!r} cannot be deleted because {reason(error)}."
            ) from error
        self.reload()

    def _named(self, name: str) -> BrushPreset | None:
        folded = name.casefold()
        return next((p for p in self._presets if p.name.casefold() == folded), None)

    def _free_path(self, name: str) -> Path:
        if self._own is None:
            raise KnownError("There is no folder to keep brushes in.")
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "brush"
        number, path = 1, self._own / f"{stem}{SUFFIX}"
        while path.exists():
            number += 1
            path = self._own / f"{stem}-{number}{SUFFIX}"
        return path

    def _write(self, preset: BrushPreset) -> None:
        try:
            preset.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(preset.path, encode_brush(preset).encode())
        except OSError as error:
            raise KnownError(
                f"The brush {preset.name!r} cannot be saved because {reason(error)}."
            ) from error


def checked_name(name: str) -> str:
    """A name as it can be kept, without blanks around it.

    Raises:
        KnownError: if it is empty, too long, or holds what cannot be shown in one line.
    """
    name = name.strip()
    if not name:
        raise KnownError("A brush needs a name: write one.")
    if len(name) > MAX_NAME:
        raise KnownError(f"The name of a brush has at most {MAX_NAME} letters: shorten it.")
    if not name.isprintable():
        raise KnownError("The name of a brush stands in one line: leave out line breaks and tabs.")
    return name


def read_brush(path: Path, *, is_own: bool = False) -> BrushPreset:
    """The brush in a file.

    Raises:
        KnownError: if it cannot be read or is no brush.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise KnownError(f"The brush file {path} cannot be read: {reason(error)}.") from error
    if len(data) > MAX_BYTES:
        raise KnownError(f"The brush file {path} is too long to be a brush: remove it.")
    try:
        table = msgspec.toml.decode(data, type=_BrushTable)
        return BrushPreset(checked_name(table.name), table.kind, _settings(table), path, is_own)
    except (ValueError, RecursionError, KnownError) as error:
        raise KnownError(
            f"The brush file {path} is damaged: mend or remove it.", details=str(error)
        ) from error


def encode_brush(preset: BrushPreset) -> str:
    """The text of a brush's file."""
    settings = preset.settings
    lines = [
        f"format = {_FORMAT}",
        f"name = {json.dumps(preset.name, ensure_ascii=False)}",
        f"kind = {json.dumps(preset.kind.value)}",
        *(f"{name} = {_text_of(getattr(settings, name))}" for name in _PARAMETERS),
    ]
    for dynamic in settings.dynamics:
        points = ", ".join(f"[{x!r}, {y!r}]" for x, y in dynamic.curve.points)
        lines += [
            "",
            "[[dynamics]]",
            f"source = {json.dumps(dynamic.source.value)}",
            f"target = {json.dumps(dynamic.target.value)}",
            f"curve = [{points}]",
        ]
    return "\n".join(lines) + "\n"


def _text_of(value: Any) -> str:
    return json.dumps(value.value) if isinstance(value, StrEnum) else repr(float(value))


def _settings(table: _BrushTable) -> BrushSettings:
    dynamics = tuple(
        Dynamic(entry.source, entry.target, Curve(entry.curve)) for entry in table.dynamics
    )
    values = {name: getattr(table, name) for name in _PARAMETERS}
    return BrushSettings(**values, dynamics=dynamics)


def _read_folder(
    folder: Path, problems: list[KnownError], *, is_own: bool
) -> Iterator[BrushPreset]:
    """The brushes in a folder, by their file names; what cannot be read becomes a problem."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append(KnownError(f"The brushes in {folder} cannot be read: {reason(error)}."))
        return
    for path in paths:
        try:
            yield read_brush(path, is_own=is_own)
        except KnownError as error:
            problems.append(error)


def _check_own(preset: BrushPreset) -> None:
    if not preset.is_own:
        raise KnownError(
            f"{preset.name!r} is a brush of the program: save it under another name to change it."
        )
