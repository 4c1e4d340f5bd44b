"""The models and adapters that can be had, and which of them are installed.

Three lists are read one over the other: the program's own ``models.toml``, what was imported
(written by the program into the folder of installed models), and the person's ``models.toml`` in
the config folder. A table whose id is known replaces that one, any other adds one. A mistake in
any of them is reported with its name and line.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from studio.core.errors import ModelError
from studio.generation.catalog_entries import (
    AdapterEntry,
    AdapterKind,
    Defaults,
    Entries,
    Memory,
    ModelEntry,
    Part,
    Source,
    Task,
    read_entries,
)

MODELS_FILE: Final = "models.toml"
"""The list's name, in the program and in the config folder."""

IMPORTED_FILE: Final = "imported.toml"
"""The list of what was imported, in the folder of installed models."""

CONFIGS_FOLDER: Final = "configs"
"""Below the resources: a folder for each variant, with what single files leave out."""

MODELS_FOLDER: Final = "models"
"""Below the data folder: a folder for each installed model or adapter, named by its id."""

STAGING_FOLDER: Final = ".installing"
"""Below the folder of models: what is on its way there."""

_INDEXES: Final = ("model_index.json", "config.json")


@dataclass(frozen=True)
class InstalledPart:
    """Where a part of a model lies, or would lie once installed: a folder, or one file."""

    role: str
    path: Path
    source: Source

    @property
    def exists(self) -> bool:
        """Whether there is something at its place; False too where the drive does not answer."""
        with contextlib.suppress(OSError):
            if not self.path.is_dir():
                return self.path.is_file()
            return any((self.path / name).is_file() for name in _INDEXES) or (
                self.role == "ip_adapter" and any(self.path.rglob("*.safetensors"))
            )
        return False


class Installable(Protocol):
    """What models and adapters have in common: all that an installer has to know."""

    @property
    def id(self) -> str:
        """Stable name."""

    @property
    def title(self) -> str:
        """For people."""

    @property
    def parts(self) -> tuple[InstalledPart, ...]:
        """What it is made of."""

    @property
    def licence(self) -> str:
        """Name of its licence."""

    @property
    def licence_url(self) -> str:
        """Where its licence can be read; may be empty."""

    @property
    def licence_accept(self) -> bool:
        """Whether the person has to accept the licence before it may be installed."""


@dataclass(frozen=True)
class ModelInfo:
    """A model of the catalog, and what of it is on this computer.

    Attributes:
        native_size: side in pixels of the area that it was trained on.
        grid: the model's own pictures have sides that are multiples of it.
        size_bytes: of what is installed, 0 while nothing is.
        download_bytes: about how much is still to be fetched; 0 where the list does not know.
        installed: whether every part is there (not whether it is undamaged).
        licence_accept: whether the person has to accept the licence before it is installed.
        gated: whether the hub gives it only to those whom it knows.
        vocabulary: a list of the words that it knows; None where it knows many.
        configs: a folder with what a single file leaves out, where the list names the variant.
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
    licence_accept: bool = False
    gated: bool = False
    download_bytes: int = 0
    configs: Path | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The roles of the parts that are not there."""
        return tuple(part.role for part in self.parts if not part.exists)


@dataclass(frozen=True)
class AdapterInfo:
    """An adapter of the catalog, and whether it is on this computer.

    Attributes:
        family: of the models that it fits.
        path: one file, or a folder; where it lies or would lie.
        trigger: words of the prompt that call it up; may be empty.
        preprocessor: what a ControlNet wants done to a picture, or an estimator does to it; may
            be empty.
        weight: how strongly it is applied where nothing is said.
        scale: by how much an upscaler enlarges; 0 where only its weights tell.
    """

    id: str
    title: str
    kind: AdapterKind
    family: str
    path: Path
    installed: bool
    licence: str
    licence_url: str
    source: Source
    trigger: str = ""
    preprocessor: str = ""
    weight: float = 1.0
    scale: int = 0
    licence_accept: bool = False
    size_bytes: int = 0
    download_bytes: int = 0

    @property
    def parts(self) -> tuple[InstalledPart, ...]:
        """Its one part, whose role is its kind."""
        return (InstalledPart(self.kind, self.path, self.source),)

    @property
    def gated(self) -> bool:
        """Whether the hub gives it only to those whom it knows."""
        return self.source.gated


class Catalog:
    """The models and adapters in the order of the files; the first installed model is the default.

    Args:
        models, adapters: of different ids.
    """

    def __init__(self, models: Iterable[ModelInfo], adapters: Iterable[AdapterInfo] = ()) -> None:
        self._models = {model.id: model for model in models}
        self._adapters = {adapter.id: adapter for adapter in adapters}

    def __eq__(self, other: object) -> bool:
        """Whether the same models and adapters are there, in the same order and state."""
        if not isinstance(other, Catalog):
            return NotImplemented
        return self.models == other.models and self.adapters == other.adapters

    @property
    def models(self) -> list[ModelInfo]:
        """All of them, installed or not."""
        return list(self._models.values())

    @property
    def adapters(self) -> list[AdapterInfo]:
        """All of them, installed or not."""
        return list(self._adapters.values())

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
            known = _listed(self._models)
            raise ModelError(f"There is no model {model_id!r}: choose one of {known}.") from None

    def adapter(self, adapter_id: str) -> AdapterInfo:
        """The adapter of that id.

        Raises:
            ModelError: if there is none, naming those that there are.
        """
        try:
            return self._adapters[adapter_id]
        except KeyError:
            known = _listed(self._adapters)
            raise ModelError(
                f"There is no adapter {adapter_id!r}: choose one of {known}."
            ) from None

    def installable(self, any_id: str) -> ModelInfo | AdapterInfo:
        """The model or adapter of that id.

        Raises:
            ModelError: if there is neither.
        """
        found = self._models.get(any_id) or self._adapters.get(any_id)
        if found is None:
            raise ModelError(f"There is no model or adapter {any_id!r}: see sfumato models list.")
        return found


def load_catalog(models_file: Path, resources: Path, config_dir: Path, data_dir: Path) -> Catalog:
    """Reads the lists one over the other, and looks what is installed.

    Raises:
        ModelError: if a file cannot be read or holds a mistake, naming the file and the line.
    """
    entries = read_entries(models_file)
    for more in (data_dir / MODELS_FOLDER / IMPORTED_FILE, config_dir / MODELS_FILE):
        if more.is_file():
            entries = entries.merged(read_entries(more))
    return _Lookup(resources, data_dir / MODELS_FOLDER).catalog(entries)


class _Lookup:
    """Looks what of the entries lies where."""

    def __init__(self, resources: Path, models: Path) -> None:
        self._resources = resources
        self._models = models

    def catalog(self, entries: Entries) -> Catalog:
        return Catalog(map(self._model, entries.models), map(self._adapter, entries.adapters))

    def _model(self, entry: ModelEntry) -> ModelInfo:
        parts = tuple(
            InstalledPart(part.role, self._place(entry.id, part.role, part), part)
            for part in entry.parts
        )
        there = {part.role for part in parts if part.exists}
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
            installed=len(there) == len(parts),
            size_bytes=sum(_size(part.path) for part in parts),
            vocabulary=self._resources / entry.vocabulary if entry.vocabulary else None,
            licence_accept=entry.license_accept,
            gated=entry.gated or any(part.gated for part in entry.parts),
            download_bytes=_to_fetch([part for part in entry.parts if part.role not in there]),
            configs=self._resources / CONFIGS_FOLDER / entry.variant if entry.variant else None,
        )

    def _adapter(self, entry: AdapterEntry) -> AdapterInfo:
        part = InstalledPart(entry.kind, self._place(entry.id, entry.kind, entry), entry)
        installed = part.exists
        return AdapterInfo(
            id=entry.id,
            title=entry.title,
            kind=entry.kind,
            family=entry.family,
            path=part.path,
            installed=installed,
            licence=entry.license,
            licence_url=entry.license_url,
            source=entry,
            trigger=entry.trigger,
            preprocessor=entry.preprocessor,
            weight=entry.weight,
            scale=entry.scale,
            licence_accept=entry.license_accept,
            size_bytes=_size(part.path),
            download_bytes=0 if installed else entry.size,
        )

    def _place(self, entry_id: str, role: str, source: Source) -> Path:
        if source.bundled:
            return self._resources / source.bundled / role
        if source.path:
            return self._models / os.path.expanduser(source.path)  # an absolute one stays so
        return self._models / entry_id / role / source.file_name


def _to_fetch(parts: list[Part]) -> int:
    """Bytes of the parts; 0 where that is not known of one of them."""
    sizes = [part.size for part in parts if part.hub or part.url]
    return sum(sizes) if all(sizes) else 0


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(ids) or "none"


def _size(path: Path) -> int:
    """Bytes of a file or of all files in a folder; 0 where the drive does not answer."""
    with contextlib.suppress(OSError):
        files = [path] if path.is_file() else path.rglob("*")
        return sum(file.stat().st_size for file in files if file.is_file())
    return 0
