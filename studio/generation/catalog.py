"""The models that can be had, and which of them are installed: a typed view of ``models.toml``.

The program's list is read first, then the person's own ``models.toml`` in the config folder: a
table whose id is known replaces that model, any other adds one. A mistake in either file is
reported with its name and line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from studio.core.errors import ModelError

MODELS_FILE = "models.toml"

Task: TypeAlias = Literal["text_to_image", "image_to_image", "inpaint", "variation", "blend"]
"""What a model can do; but for ``blend`` they are the tags of `studio.generation.request`."""


class Memory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """GiB that the model takes: all of it on the device, and with parts waiting outside."""

    full: float
    offload: float


class Defaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request's None stands for; the prior's settings where the family has a prior."""

    steps: int = 30
    guidance: float = 4.0
    scheduler: str = "ddpm"
    prior_steps: int = 25
    prior_guidance: float = 4.0


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One set of weights, in its role; exactly one of the four sources is set.

    Attributes:
        role: what the family calls it, such as ``prior`` or ``decoder``.
        bundled: a folder of the program's resources that holds a folder for each role.
        path: a file or folder on this computer.
        hub: a repository on the model hub, at ``revision`` where that is known.
        url: a file to be fetched, whose content is named by ``sha256``.
    """

    role: str
    bundled: str = ""
    path: str = ""
    hub: str = ""
    revision: str = ""
    url: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.bundled, self.path, self.hub, self.url))) != 1:
            raise ValueError("a part has exactly one of bundled, path, hub and url")
        if self.url and not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise ValueError("a part with a url needs its sha256")


class ModelEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of ``models.toml``, as written."""

    id: str
    title: str
    family: str
    tasks: tuple[Task, ...]
    license: str
    native_size: int
    memory: Memory
    parts: tuple[Part, ...]
    license_url: str = ""
    grid: int = 64
    vocabulary: str = ""
    defaults: Defaults = Defaults()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", self.id):
            raise ValueError("id is made of a-z, 0-9, dot, dash and underscore")
        if not 16 <= self.native_size <= 4096:
            raise ValueError("native_size lies between 16 and 4096")
        if not 1 <= self.grid <= self.native_size:
            raise ValueError("grid lies between 1 and native_size")
        if not self.tasks or not self.parts:
            raise ValueError("a model has at least one task and one part")


@dataclass(frozen=True)
class InstalledPart:
    """Where a part of a model lies, or would lie once installed."""

    role: str
    path: Path
    source: Part

    @property
    def exists(self) -> bool:
        """Whether there is something at its place."""
        return self.path.is_file() or (self.path / "model_index.json").is_file()


@dataclass(frozen=True)
class ModelInfo:
    """A model of the catalog, and what of it is on this computer.

    Attributes:
        native_size: side in pixels of the area that it was trained on.
        grid: the model's own pictures have sides that are multiples of it.
        size_bytes: of what is installed, 0 while nothing is.
        installed: whether every part is there (not whether it is undamaged).
        vocabulary: a list of the words that it knows; None where it knows many.
    """

    id: str
    title: str
    family: str
    tasks: tuple[Task, ...]
    native_size: int
    grid: int
    defaults: Defaults
    memory: Memory
    licence: str
    licence_url: str
    parts: tuple[InstalledPart, ...]
    installed: bool
    size_bytes: int
    vocabulary: Path | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The roles of the parts that are not there."""
        return tuple(part.role for part in self.parts if not part.exists)


class Catalog:
    """The models in the order of the files; the first installed one is the default."""

    def __init__(self, models: list[ModelInfo]) -> None:
        self._models = {model.id: model for model in models}

    @property
    def models(self) -> list[ModelInfo]:
        """All of them, installed or not."""
        return list(self._models.values())

    @property
    def default(self) -> ModelInfo:
        """The first installed model, or the first of all where none is.

        Raises:
            ModelError: if the catalog is empty.
        """
        for model in (*(m for m in self.models if m.installed), *self.models):
            return model
        raise ModelError("The list of models is empty: install Sfumato again.")

    def get(self, model_id: str) -> ModelInfo:
        """The model of that id.

        Raises:
            ModelError: if there is none, naming those that there are.
        """
        try:
            return self._models[model_id]
        except KeyError:
            known = ", ".join(self._models) or "none"
            raise ModelError(f"There is no model {model_id!r}: choose one of {known}.") from None


def load_catalog(models_file: Path, resources: Path, config_dir: Path, data_dir: Path) -> Catalog:
    """Reads the program's list, merges the person's over it, and looks what is installed.

    Raises:
        ModelError: if a file cannot be read or holds a mistake, naming the file and the line.
    """
    entries = {entry.id: entry for entry in read_models(models_file)}
    own = config_dir / MODELS_FILE
    if own.is_file():
        entries |= {entry.id: entry for entry in read_models(own)}
    return Catalog([_look_up(entry, resources, data_dir) for entry in entries.values()])


def read_models(path: Path) -> list[ModelEntry]:
    """The tables of one file.

    Raises:
        ModelError: if it cannot be read or holds a mistake, naming the file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise ModelError(f"The list of models {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"The list of models {path} is not a UTF-8 text file.") from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        raise _mistake(path, line, re.sub(r" \(at .*\)$", "", str(error))) from error
    return list(_entries(path, text, tables))


def _entries(path: Path, text: str, tables: dict[str, Any]) -> Iterator[ModelEntry]:
    models = tables.pop("model", [])
    if tables:
        name = next(iter(tables))
        raise _mistake(path, _line_of(text.splitlines(), 0, name), f"unknown key {name!r}")
    if not isinstance(models, list):
        raise _mistake(path, _line_of(text.splitlines(), 0, "model"), "write [[model]]")
    seen: set[str] = set()
    for index, table in enumerate(models):
        try:
            entry = msgspec.convert(table, ModelEntry)
        except msgspec.ValidationError as error:
            message, _, where = str(error).partition(" - at ")
            raise _mistake(path, _find(text, index, message, where), message) from error
        if entry.id in seen:
            raise _mistake(path, _find(text, index, "", "`$.id`"), f"{entry.id!r} is there twice")
        seen.add(entry.id)
        yield entry


def _find(text: str, index: int, message: str, where: str) -> int:
    """The line of what msgspec complains of in the ``index``-th table.

    It gives a path such as ``$.parts[1].role``, or names an unknown key or its own field in the
    message. The innermost name that stands in the table's lines is taken, else the table's head.
    """
    lines = text.splitlines()
    heads = [at for at, line in enumerate(lines) if re.match(r"\s*\[\[\s*model\s*]]", line)]
    if index >= len(heads):
        return 1
    start = heads[index]
    end = heads[index + 1] if index + 1 < len(heads) else len(lines)
    named = re.findall(r"[A-Za-z_]\w*", where)[::-1]
    quoted = re.findall(r"unknown field `(\w+)`", message)
    for name in (*quoted, *named, *message.split()[:1]):
        line = _line_of(lines[start:end], -1, name)
        if line >= 0:
            return start + line
    return start + 1


def _line_of(lines: list[str], default: int, key: str) -> int:
    """The line, counted from 1, that sets ``key``, alone, in an inline table or as a table."""
    sets = re.compile(rf"(^|[\s{{,.\[])[\"']?{re.escape(key)}[\"']?\s*(=|\.|]+\s*$)")
    found = (at for at, line in enumerate(lines, start=1) if sets.search(line.partition("#")[0]))
    return next(found, default)


def _mistake(path: Path, line: int, message: str) -> ModelError:
    reason = message[:1].lower() + message[1:]
    return ModelError(f"{path}, line {line}: {reason}; correct the file and try again.")


def _look_up(entry: ModelEntry, resources: Path, data_dir: Path) -> ModelInfo:
    parts = tuple(
        InstalledPart(part.role, _place(entry.id, part, resources, data_dir), part)
        for part in entry.parts
    )
    return ModelInfo(
        id=entry.id,
        title=entry.title,
        family=entry.family,
        tasks=entry.tasks,
        native_size=entry.native_size,
        grid=entry.grid,
        defaults=entry.defaults,
        memory=entry.memory,
        licence=entry.license,
        licence_url=entry.license_url,
        parts=parts,
        installed=all(part.exists for part in parts),
        size_bytes=sum(_size(part.path) for part in parts),
        vocabulary=resources / entry.vocabulary if entry.vocabulary else None,
    )


def _place(model_id: str, part: Part, resources: Path, data_dir: Path) -> Path:
    if part.bundled:
        return resources / part.bundled / part.role
    if part.path:
        return Path(part.path).expanduser()
    return data_dir / "models" / model_id / part.role


def _size(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
