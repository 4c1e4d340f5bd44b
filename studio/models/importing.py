"""Importing what lies on this computer: known by its headers, used where it is or copied.

A whole model becomes a ``[[model]]`` of its own; a denoiser alone borrows the rest from an
installed model of its kind; what is laid over models becomes an ``[[adapter]]``. The tables go
into the list of what was imported (`studio.models.imported`).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from studio.core.atomic import reason
from studio.core.errors import ModelError
from studio.generation.catalog import AdapterInfo, Catalog, ModelInfo
from studio.generation.needs import IMAGE_ENCODER
from studio.models.control import Control
from studio.models.copying import copy_parts
from studio.models.detection.detect import detect
from studio.models.detection.files import Detected
from studio.models.detection.folders import CONFIG, needed_files
from studio.models.imported import NamedTable, add_tables
from studio.models.naming import id_of, name_of, title_of
from studio.models.planning import Plan, Planner, family_of
from studio.models.progress import Meter, Report
from studio.models.staging import read_origins
from studio.models.tables import Named, Placed, adapter_table, model_table


@dataclass(frozen=True)
class Wish:
    """What the person wants of an import.

    Attributes:
        copy: whether files are copied into the folder of models, or used where they are.
        id, title: of the model or adapter; made from its name where they are empty.
        family: of those that an adapter may be for; needed where several fit.
    """

    copy: bool = False
    id: str = ""
    title: str = ""
    family: str = ""


@dataclass(frozen=True)
class Imported:
    """What an import has become.

    Attributes:
        kind: ``model``, or that of the adapter.
        base: title of the model that lends what the file leaves out; empty where none does.
    """

    id: str
    title: str
    kind: str
    family: str
    path: Path
    base: str = ""


class PresentError(ModelError):
    """What is to be imported is there already."""


class Importer:
    """Imports files and folders.

    Args:
        models: folder of the installed models.
        catalog: of what is there already.
    """

    def __init__(self, models: Path, catalog: Catalog) -> None:
        self._models = models
        self._items: list[ModelInfo | AdapterInfo] = [*catalog.models, *catalog.adapters]
        self._taken = {item.id for item in self._items}
        self._planner = Planner(catalog)

    def import_paths(
        self,
        paths: Sequence[Path],
        wish: Wish,
        report: Report,
        control: Control | None = None,
    ) -> list[Imported]:
        """Imports files and folders, one model or adapter each; Kandinsky's folders make one.

        All are looked at before anything is written.

        Args:
            paths: to be imported.
            wish: how.
            report: hears how far copying is, in this thread.
            control: pauses or cancels copying from another thread.

        Raises:
            Stopped: once it was cancelled.
            ModelError: if something cannot be imported, saying why and what to do.
        """
        found = [detect(Path(os.path.expanduser(path)).absolute()) for path in paths]
        for item in found:
            self._refuse_present(item)
        plans = self._planner.plans(found)
        if len(plans) > 1 and (wish.id or wish.title):
            raise ModelError("An id or a title is for one import: import the files one by one.")
        families = [_family(plan, wish) for plan in plans]
        with self._writing() as tables:
            return [
                self._carry_out(plan, family, wish, Meter(report), control or Control(), tables)
                for plan, family in zip(plans, families, strict=True)
            ]

    def import_found(
        self, found: Iterable[Detected], control: Control
    ) -> Iterator[Imported | ModelError]:
        """Imports what was found, each for itself and used where it is; used up to its end.

        Yields:
            What has become of each, in their order; `PresentError` for what is there already.

        Raises:
            Stopped: once it was cancelled.
            ModelError: if the list of imports cannot be written.
        """
        with self._writing() as tables:
            for item in found:
                control.checkpoint()
                try:
                    self._refuse_present(item)
                    [plan] = self._planner.plans([item])
                    family = _family(plan, Wish())
                    meter = Meter(lambda _: None)
                    yield self._carry_out(plan, family, Wish(), meter, control, tables)
                except ModelError as error:
                    yield error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[list[NamedTable]]:
        """The tables that go into the list when the block ends, however it does."""
        tables: list[NamedTable] = []
        try:
            yield tables
        except OSError as error:
            raise ModelError(
                f"This cannot be imported because {reason(error)}: mend that and try again."
            ) from error
        finally:
            add_tables(self._models, tables)

    @cached_property
    def _present(self) -> Mapping[str, ModelInfo | AdapterInfo]:
        """What is there already, by the addresses of its files and of what they are copies of."""
        places: dict[str, ModelInfo | AdapterInfo] = {}
        for item in self._items:
            for part in item.parts:
                places.setdefault(_address(part.path), item)
            for origin in read_origins(self._models / item.id).values():
                places.setdefault(origin.url, item)
        return places

    def _refuse_present(self, found: Detected) -> None:
        item = self._present.get(_address(found.path))
        if item is not None:
            raise PresentError(f"{found.path} is there already, as {item.title} ({item.id}).")

    def _carry_out(
        self,
        plan: Plan,
        family: str,
        wish: Wish,
        meter: Meter,
        control: Control,
        tables: list[NamedTable],
    ) -> Imported:
        named = self._named(plan.main, wish)
        placed = [
            Placed(role, _copied(named.id, role, item.path) if wish.copy else str(item.path))
            for role, item in plan.found.items()
        ]
        table = _table(named, plan, family, placed)
        if wish.copy:
            files = {role: _files(item) for role, item in plan.found.items()}
            origins = {role: item.path for role, item in plan.found.items()}
            copy_parts(self._models, named, files, origins, meter, control)
        tables.append(table)
        self._taken.add(named.id)
        return Imported(
            id=named.id,
            title=named.title,
            kind="model" if plan.variant else plan.main.kind,
            family=family,
            path=plan.main.path,
            base=plan.base.title if plan.base else "",
        )

    def _named(self, found: Detected, wish: Wish) -> Named:
        if wish.id in self._taken:
            raise ModelError(f"There is already a model or adapter {wish.id!r}: choose another id.")
        name = name_of(found.path)
        return Named(wish.id or id_of(name, self._taken), wish.title or title_of(name))


def _table(named: Named, plan: Plan, family: str, placed: Sequence[Placed]) -> NamedTable:
    if plan.variant is None:
        return "adapter", adapter_table(named, plan.main, family, placed[0].path)
    lent = [Placed(plan.role_of(part), str(part.path)) for part in plan.lent]
    parts = [*placed, *lent]
    table = model_table(named, plan.main, plan.variant, plan.tasks, parts, plan.weights_bytes)
    return "model", table


def _family(plan: Plan, wish: Wish) -> str:
    return plan.variant.family if plan.variant else family_of(plan.main, wish.family)


def _address(path: Path) -> str:
    """A place on this computer, the same whatever link leads there."""
    return Path(os.path.realpath(path)).as_uri()


def _files(found: Detected) -> dict[str, Path]:
    """What is copied of a file or folder, by names below the part's folder."""
    if found.path.is_dir():
        return _below(found.path)
    files = {found.path.name: found.path}
    encoder = found.path.parent / IMAGE_ENCODER
    if found.kind == "ip_adapter" and (encoder / CONFIG).is_file():
        inner = _below(encoder)
        files |= {f"{IMAGE_ENCODER}/{name}": file for name, file in inner.items()}
    return files


def _below(folder: Path) -> dict[str, Path]:
    return {file.relative_to(folder).as_posix(): file for file in needed_files(folder)}


def _copied(item_id: str, role: str, path: Path) -> str:
    """Where a copy lies, below the folder of models."""
    return f"{item_id}/{role}/{path.name}" if path.is_file() else f"{item_id}/{role}"
