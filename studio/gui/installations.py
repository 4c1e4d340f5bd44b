"""Installing, checking and removing models on other threads, as the window knows it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.core.errors import KnownError
from studio.core.units import file_size
from studio.generation.catalog import STAGING_FOLDER, Catalog, Installable
from studio.gui.background import Background
from studio.gui.folder_watch import FolderWatch
from studio.gui.widgets.toasts import Tone
from studio.gui.words import seconds_words

if TYPE_CHECKING:
    from studio.models.control import Control
    from studio.models.installing import Installer
    from studio.models.progress import Progress, Report

THREADS = 2
"""Models that are worked on at a time; the others wait for their turn."""


class Work(enum.Enum):
    """What is done with a model; the values are for people."""

    INSTALL = "Installing"
    CHECK = "Checking"
    REMOVE = "Removing"


class Installation(msgspec.Struct, frozen=True):
    """Work that is under way or waits for its turn.

    Attributes:
        progress: how far it is; None before it has begun.
        paused: whether the person wants it to wait.
    """

    item: Installable
    work: Work
    control: Control
    progress: Progress | None = None
    paused: bool = False

    @property
    def sentence(self) -> str:
        """How far it is, such as ``Downloading 1.2 of 6.9 GB, 4 min left``."""
        made = self.progress
        if made is None:
            return f"{self.work.value}: waiting for its turn"
        if self.paused:
            return f"Paused at {file_size(made.done)} of {file_size(made.total)}"
        if made.waiting:
            return "The hub does not answer: trying again"
        if not made.total:
            return f"{made.stage.value}…"
        left = "" if made.seconds_left is None else f", {seconds_words(made.seconds_left)} left"
        return f"{made.stage.value} {file_size(made.done)} of {file_size(made.total)}{left}"


class Installations(QObject):
    """Runs installers; one kind of work at a time for each model.

    Args:
        models: folder of the installed models.
        config: folder of the person's settings.
        make_installer: called on another thread.
        read_catalog: reads the list of models anew; called on another thread.

    Signals:
        changed(str): the work on the model or adapter of that id has begun, gone on or ended.
        catalog_changed(Catalog): something is installed or removed, by whomever.
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
    """

    changed = Signal(str)
    catalog_changed = Signal(object)
    message = Signal(str, object, str)
    _reported = Signal(str, object)

    def __init__(
        self,
        models: Path,
        config: Path,
        make_installer: Callable[[], Installer],
        read_catalog: Callable[[], Catalog],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._models = models
        self._config = config
        self._make_installer = make_installer
        self._read_catalog = read_catalog
        self._background = Background(THREADS, self)
        self._under_way: dict[str, Installation] = {}
        self._begun: dict[str, int] = {}
        self._troubles: dict[str, str] = {}
        self._reported.connect(self._hear)
        self._watch = FolderWatch((models, models / STAGING_FOLDER), self)
        self._watch.changed.connect(self._reread)

    def of(self, item_id: str) -> Installation | None:
        """The work on a model or adapter; None where there is none."""
        return self._under_way.get(item_id)

    def begun(self, item_id: str) -> int:
        """Bytes that were fetched of what is neither installed nor under way; 0 for none."""
        return 0 if item_id in self._under_way else self._begun.get(item_id, 0)

    def trouble(self, item_id: str) -> str:
        """Why the last work on a model or adapter failed; empty where it did not."""
        return self._troubles.get(item_id, "")

    def look(self) -> None:
        """Finds out what earlier installations have left; `changed` tells of each."""
        self._background.run(lambda: _staged(self._models), self._take_begun, _fail)

    def follow(self) -> None:
        """Notices from now on what other programs install and remove, and tells of it as its own.

        The catalog that is told may be the same as before.
        """
        self._watch.begin()

    def must_accept(self, item: Installable) -> bool:
        """Whether the person has yet to accept its licence.

        Raises:
            ModelError: if the record of licences cannot be read.
        """
        from studio.models.licences import Licences

        return Licences(self._config).is_open(item)

    def install(self, item: Installable, *, accepted: bool = False) -> None:
        """Fetches what lacks of it.

        Args:
            item: from the catalog.
            accepted: whether the person has accepted its licence just now.
        """

        def work(report: Report, control: Control) -> str:
            from studio.models.licences import Licences

            if accepted:
                Licences(self._config).accept(item)
            self._make_installer().install(item, report, control)
            return f"{item.title} is installed."

        self._begin(item, Work.INSTALL, work)

    def check(self, item: Installable) -> None:
        """Compares its files with their checksums."""

        def work(report: Report, control: Control) -> str:
            from studio.models.upkeep import remedy, verify

            verdict = verify(item, report, control)
            if not verdict.faults:
                return f"{item.title}: {verdict.checked} files are what they should be."
            names = ", ".join(f"{fault.path.name} {fault.what}" for fault in verdict.faults[:3])
            what_to_do = remedy(item, verdict.faults[0].role) or "install it again to mend it"
            raise KnownError(f"{item.title}: {names}; {what_to_do}.")

        self._begin(item, Work.CHECK, work)

    def remove(self, item: Installable) -> None:
        """Removes it, and what was fetched of it."""

        def work(_report: Report, _control: Control) -> str:
            from studio.models.upkeep import farewell, remove

            return farewell(item, remove(item, self._models))

        self._begin(item, Work.REMOVE, work)

    def pause(self, item_id: str, paused: bool) -> None:
        """Has work wait, or go on; what was fetched is kept."""
        if (present := self._under_way.get(item_id)) is not None:
            present.control.pause() if paused else present.control.resume()
            self._set(msgspec.structs.replace(present, paused=paused))

    def cancel(self, item_id: str) -> None:
        """Ends work soon; what was fetched is kept for the next time."""
        if (present := self._under_way.get(item_id)) is not None:
            present.control.cancel()

    def close(self) -> None:
        """Ends everything that is under way; it goes on from there another time."""
        self._watch.end()
        for present in self._under_way.values():
            present.control.cancel()
        self._background.close()

    def _begin(self, item: Installable, work: Work, do: Callable[[Report, Control], str]) -> None:
        from studio.models.control import Control

        if item.id in self._under_way:
            return
        control = Control()
        self._troubles.pop(item.id, None)
        self._set(Installation(item, work, control))

        def run() -> tuple[str, Catalog]:
            control.checkpoint()
            sentence = do(lambda progress: self._reported.emit(item.id, progress), control)
            return sentence, self._read_catalog()

        self._background.run(
            run,
            lambda result: self._finished(item.id, *result),
            lambda error: self._failed(item.id, error),
        )

    def _set(self, installation: Installation) -> None:
        self._under_way[installation.item.id] = installation
        self.changed.emit(installation.item.id)

    @Slot(str, object)
    def _hear(self, item_id: str, progress: Progress) -> None:
        if (present := self._under_way.get(item_id)) is not None:
            self._set(msgspec.structs.replace(present, progress=progress))

    def _finished(self, item_id: str, sentence: str, catalog: Catalog) -> None:
        del self._under_way[item_id]
        self._begun.pop(item_id, None)
        self.catalog_changed.emit(catalog)
        self.changed.emit(item_id)
        self.message.emit(sentence, Tone.NOTE, "")

    def _failed(self, item_id: str, error: Exception) -> None:
        from studio.models.control import Stopped

        del self._under_way[item_id]
        if isinstance(error, KnownError):
            self._troubles[item_id] = error.message
            self.message.emit(error.message, Tone.FAILURE, error.details)
        self.changed.emit(item_id)
        self.look()
        if not isinstance(error, KnownError | Stopped):
            raise error

    def _reread(self) -> None:
        self._background.run(self._read_catalog, self.catalog_changed.emit, _fail)
        self.look()

    def _take_begun(self, begun: dict[str, int]) -> None:
        before, self._begun = self._begun, begun
        for item_id in before.keys() | begun.keys():
            if before.get(item_id) != begun.get(item_id):
                self.changed.emit(item_id)


def _staged(models: Path) -> dict[str, int]:
    from studio.models.staging import staged_bytes

    return staged_bytes(models)


def _fail(error: Exception) -> None:
    raise error
