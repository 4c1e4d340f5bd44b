"""Importing all that other programs have, in one go and where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.generation.catalog import Catalog
from studio.models.control import Control
from studio.models.detection.folders import CONFIG, MODEL_INDEX
from studio.models.detection.formats import GGUF, SAFETENSORS
from studio.models.finding import Finding, find_models
from studio.models.importing import Imported, Importer, PresentError

_WHOLE: Final = frozenset({"pipeline", "checkpoint"})
"""Kinds that others may need, and which come first."""


@dataclass(frozen=True)
class Gathered:
    """What has become of what was found.

    Attributes:
        imported: can be used now.
        present: how many were there already.
        refused: cannot be used, each with the reason why.
    """

    imported: tuple[Imported, ...]
    present: int
    refused: tuple[tuple[Path, str], ...]

    @property
    def is_nothing(self) -> bool:
        """Whether there was nothing at all, which `nothing_found` says in words."""
        return not (self.imported or self.present or self.refused)


def nothing_found(roots: Sequence[Path]) -> str:
    """What to say of folders with no model below them."""
    where = " and ".join(map(str, roots))
    return (
        f"There are no models in {where}, where {SAFETENSORS} and {GGUF} files and diffusers "
        f"folders with a {MODEL_INDEX} were looked for: choose another folder, or one of those."
    )


def is_collection(path: Path) -> bool:
    """Whether a path is a folder of models, and no model itself."""
    try:
        names = [entry.name for entry in path.iterdir()] if path.is_dir() else [CONFIG]
    except OSError:
        return False
    weights = [name for name in names if name.endswith((SAFETENSORS, GGUF))]
    return len(weights) != 1 and not {MODEL_INDEX, CONFIG} & set(names)


def gather(
    roots: Sequence[Path],
    models: Path,
    read_catalog: Callable[[], Catalog],
    control: Control | None = None,
) -> Gathered:
    """Looks for models below folders and imports all that can be used.

    Args:
        roots: folders of programs, or of models themselves.
        models: folder of the installed models.
        read_catalog: reads the list of models.
        control: cancels from another thread; what was imported by then stays.

    Raises:
        Stopped: once it was cancelled.
        ModelError: if the list of imports cannot be read or written.
    """
    control = control or Control()
    return take_in(list(find_models(roots, control)), models, read_catalog, control)


def take_in(
    findings: Sequence[Finding],
    models: Path,
    read_catalog: Callable[[], Catalog],
    control: Control,
) -> Gathered:
    """Imports all of what was found that can be used; like `gather` otherwise.

    Raises:
        Stopped: once it was cancelled.
        ModelError: if the list of imports cannot be read or written.
    """
    refused = [(finding.path, finding.refusal) for finding in findings if finding.refusal]
    usable = [finding for finding in findings if not finding.refusal]
    imported: list[Imported] = []
    present = 0
    for wanted in (True, False):
        group = [finding for finding in usable if _is_whole(finding) is wanted]
        found = [finding.detected for finding in group if finding.detected]
        results = Importer(models, read_catalog()).import_found(found, control)
        for finding, result in zip(group, results, strict=True):
            if isinstance(result, Imported):
                imported.append(result)
            elif isinstance(result, PresentError):
                present += 1
            else:
                refused.append((finding.path, result.message))
    return Gathered(tuple(imported), present, tuple(refused))


def _is_whole(finding: Finding) -> bool:
    return finding.detected is not None and finding.detected.kind in _WHOLE
