"""Models and adapters that are dropped on the window or chosen, whatever program they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtCore import QObject, Signal

from studio.core.errors import KnownError
from studio.generation.catalog import Catalog
from studio.gui.dialogs.questions import DOCUMENTS, MODELS, PICTURES, Questions, Unasked
from studio.gui.errands import Errands, Report
from studio.gui.widgets.toasts import Tone

if TYPE_CHECKING:
    from studio.models.finding import Finding
    from studio.models.gathering import Gathered
    from studio.models.importing import Imported

_PICKLES: Final = (".ckpt", ".pt", ".pth", ".bin")
"""Are taken to be refused with the reason why."""

_USED: Final = {
    "model": "{title} is imported: choose it in the prompt panel.",
    "lora": "{title} is imported: write <lora:{id}:0.8> into the prompt to use it.",
    "textual_inversion": "{title} is imported: write its word into the prompt to use it.",
    "upscaler": "{title} is imported: it enlarges pictures, as Enlarge in the Image menu does.",
}


def is_model(path: Path) -> bool:
    """Whether a path is rather a model's than a picture's: by its name, or as a folder."""
    suffix = path.suffix.lower()
    if suffix in (*MODELS, *_PICKLES):
        return True
    return suffix not in (*PICTURES, *DOCUMENTS) and path.is_dir()


class _Brought(msgspec.Struct, frozen=True):
    """What has become of what was dropped, and the list of models after it.

    ``gathered`` is what there was below ``folders``, or of other programs.
    """

    imported: list[Imported]
    gathered: Gathered | None
    catalog: Catalog
    folders: Sequence[Path] = ()

    @property
    def all_imported(self) -> list[Imported]:
        """What is new, from wherever."""
        return [*self.imported, *(self.gathered.imported if self.gathered else ())]


class ModelImports(QObject):
    """Has models imported on another thread, used where they are.

    Args:
        errands: run the work.
        models: folder of the installed models.
        read_catalog: reads the list of models; called on another thread.

    Attributes:
        questions: asks the person; nobody does at first.

    Signals:
        catalog_changed(Catalog): there are more models or adapters.
        imported(str): the first of them has that id.
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
    """

    catalog_changed = Signal(object)
    imported = Signal(str)
    message = Signal(str, object, str)

    def __init__(
        self,
        errands: Errands,
        models: Path,
        read_catalog: Callable[[], Catalog],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._errands = errands
        self._models = models
        self._read_catalog = read_catalog
        self.questions: Questions = Unasked()

    def choose(self) -> None:
        """Asks which files to import."""
        self.take(self.questions.which_files("Import models", Path.home(), MODELS))

    def look(self) -> None:
        """Looks for models of other programs, and asks whether to use them."""
        self._errands.run(
            "Looking for models of other programs", self._look, self._offer, self._refused
        )

    def take(self, paths: Sequence[Path]) -> None:
        """Imports files and folders."""
        if not paths:
            return
        words = paths[0].name if len(paths) == 1 else f"{len(paths)} models"
        self._errands.run(
            f"Importing {words}",
            lambda report: self._bring(paths, report),
            self._show,
            self._refused,
        )

    def _bring(self, paths: Sequence[Path], report: Report) -> _Brought:
        from studio.models.gathering import gather, is_collection
        from studio.models.importing import Importer, Wish

        folders = [path for path in paths if is_collection(path)]
        alone = [path for path in paths if path not in folders]
        importer = Importer(self._models, self._read_catalog())
        imported = importer.import_paths(alone, Wish(), lambda made: report(made.fraction))
        gathered = gather(folders, self._models, self._read_catalog) if folders else None
        return _Brought(imported, gathered, self._read_catalog(), folders)

    def _look(self, report: Report) -> list[Finding]:
        from studio.models import finding

        report(0.0)
        return list(finding.find_models(finding.usual_roots(Path.home())))

    def _offer(self, findings: list[Finding]) -> None:
        usable = [finding for finding in findings if not finding.refusal]
        if not usable:
            self.message.emit("No models of other programs were found.", Tone.NOTE, "")
            return
        question = f"Other programs have {_counted(len(usable))} that can be used."
        if self.questions.whether(question, "Use them where they are?"):
            self._errands.run(
                "Importing models of other programs",
                lambda report: self._take_in(usable),
                self._show,
                self._refused,
            )

    def _take_in(self, findings: list[Finding]) -> _Brought:
        from studio.models.control import Control
        from studio.models.gathering import take_in

        gathered = take_in(findings, self._models, self._read_catalog, Control())
        return _Brought([], gathered, self._read_catalog())

    def _show(self, brought: _Brought) -> None:
        self.catalog_changed.emit(brought.catalog)
        if new := brought.all_imported:
            self.imported.emit(new[0].id)
        for item in brought.imported:
            words = _USED.get(item.kind, "{title} is imported.")
            self.message.emit(words.format(title=item.title, id=item.id), Tone.NOTE, "")
        if brought.gathered is not None:
            self.message.emit(*_summary(brought.gathered, brought.folders))

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.message.emit(error.message, Tone.FAILURE, error.details)


def _counted(number: int) -> str:
    return "one model or adapter" if number == 1 else f"{number} models and adapters"


def _summary(gathered: Gathered, folders: Sequence[Path]) -> tuple[str, Tone, str]:
    """What folders of another program gave: a sentence, how it is meant, and details."""
    if gathered.is_nothing:
        from studio.models.gathering import nothing_found

        return nothing_found(folders), Tone.WARNING, ""
    number = len(gathered.imported)
    words = f"Imported {_counted(number)}" if number else "Nothing was imported"
    if gathered.present:
        words += f", {gathered.present} were there already"
    if gathered.refused:
        words += f", {len(gathered.refused)} cannot be used"
    tone = Tone.NOTE if gathered.imported or gathered.present else Tone.WARNING
    return f"{words}.", tone, "\n".join(reason for _, reason in gathered.refused)
