"""``sfumato models import`` and ``find``: what lies on this computer already."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from studio import app, paths
from studio.cli.errors import UsageError
from studio.cli.models.attention import interruptible, shown
from studio.cli.output import print_columns, print_json
from studio.core.errors import ModelError
from studio.core.units import file_size
from studio.generation.adapters import KIND_NAMES, a_kind
from studio.generation.catalog_entries import ANY_FAMILY
from studio.models.detection.files import Detected
from studio.models.finding import Finding, find_models, usual_roots
from studio.models.gathering import gather, is_collection, nothing_found
from studio.models.importing import Imported, Importer, Wish

_REFUSED = "refused"
_WORDS = {"model": "a model"} | {kind: a_kind(kind) for kind in KIND_NAMES}


def import_models(
    *files: Path,
    copy: Annotated[bool, Parameter(negative="")] = False,
    id: str = "",
    title: str = "",
    family: str = "",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Use models and adapters that lie on this computer, whatever program they come from.

    What a file is, is found by itself: diffusers folders, .safetensors and .gguf files of models,
    LoRAs, textual inversions, ControlNets and the estimators that help them, IP-Adapters,
    autoencoders and upscalers.

    Parameters
    ----------
    files
        Files, or folders of diffusers; the folders of one Kandinsky together. Of any other folder,
        such as ComfyUI's, all that can be used.
    copy
        Copy them into the folder of models; without it they are used where they are.
    id
        What the model is called in commands; made from its name without it.
    title
        What it is called in the window.
    family
        Which models an adapter is for, where it fits several.
    json
        Print one JSON object a line: how far copying is, and what was imported.
    """
    if not files:
        raise UsageError("Name one or more files or folders.")
    folders = [file for file in files if is_collection(Path(os.path.expanduser(file)))]
    if folders:
        if len(folders) < len(files) or copy or id or title or family:
            raise UsageError(f"{folders[0]} holds many models: import it by itself, and no copies.")
        imported = _gathered(folders, json)
    else:
        importer = Importer(paths.models(), app.build_catalog())
        wish = Wish(copy=copy, id=id, title=title, family=family)
        with interruptible() as control, shown("Import", json) as report:
            imported = importer.import_paths(files, wish, report, control)
    for item in imported:
        if json:
            print_json({"event": "imported", **_fields(item)})
        else:
            print(_sentence(item))


def _gathered(folders: list[Path], json: bool) -> Sequence[Imported]:
    """Imports all below folders, and tells of what cannot be."""
    roots = [Path(os.path.expanduser(folder)) for folder in folders]
    with interruptible() as control:
        gathered = gather(roots, paths.models(), app.build_catalog, control)
    if gathered.is_nothing:
        raise ModelError(nothing_found(roots))
    for path, reason in gathered.refused:
        if json:
            print_json({"event": "refused", "path": str(path), "reason": reason})
        else:
            print(reason, file=sys.stderr)
    if not json:
        print(f"{len(gathered.imported)} imported, {gathered.present} were there already.")
    return gathered.imported


def find(
    *folders: Path,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Look for models of other programs, such as ComfyUI, that can be used where they are.

    Parameters
    ----------
    folders
        Where to look; without them, the places where such programs usually are.
    json
        Print one JSON object a line for each.
    """
    roots = [Path(os.path.expanduser(folder)) for folder in folders] or usual_roots(Path.home())
    with interruptible() as control:
        found = find_models(roots, control)
        if json:
            for finding in found:
                print_json(_found_fields(finding))
            return
        rows = [_row(finding) for finding in found]
    print_columns(rows)
    usable = sum(row[0] != _REFUSED for row in rows)
    print(f"{usable} can be used: sfumato models import, with their paths.")


def _sentence(item: Imported) -> str:
    lent = f"; the rest of it is that of {item.base}" if item.base else ""
    family = "" if item.family == ANY_FAMILY else f" ({item.family})"
    return f"{item.title} is imported as {item.id}, {_WORDS[item.kind]}{family}{lent}."


def _fields(item: Imported) -> dict[str, object]:
    return {
        "id": item.id,
        "title": item.title,
        "kind": item.kind,
        "family": item.family,
        "path": str(item.path),
        "base": item.base,
    }


def _row(finding: Finding) -> tuple[str, ...]:
    found = finding.detected
    if found is None or finding.refusal:
        return (_REFUSED, "", "", finding.refusal)
    return (found.kind, _family(found), file_size(found.size_bytes), str(finding.path))


def _found_fields(finding: Finding) -> dict[str, object]:
    found = finding.detected
    if found is None or finding.refusal:
        return {"path": str(finding.path), "refusal": finding.refusal}
    return {
        "path": str(finding.path),
        "kind": found.kind,
        "families": list(found.families),
        "variant": found.variant,
        "size_bytes": found.size_bytes,
    }


def _family(found: Detected) -> str:
    return found.variant or " or ".join(found.families)
