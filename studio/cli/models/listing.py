"""``sfumato models list``, ``show`` and ``path``: what can be had, and where it lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from cyclopts import Parameter

from studio import app, paths
from studio.cli.output import print_columns, print_json
from studio.core.errors import ModelError
from studio.core.units import file_size
from studio.generation.catalog import AdapterInfo, InstalledPart, ModelInfo
from studio.generation.fitting import Fit, fit_of

Item: TypeAlias = ModelInfo | AdapterInfo


def list_models(
    *words: str,
    installed: Annotated[bool, Parameter(negative="")] = False,
    fitting: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """List the models and adapters.

    Parameters
    ----------
    words
        Only those whose id, title, family or licence has all of these.
    installed
        Only those that are on this computer.
    fitting
        Only models that fit into the memory of this computer's device.
    json
        Print one JSON object a line for each.
    """
    catalog = app.build_catalog()
    items: list[Item] = [*catalog.models, *catalog.adapters]
    found = [item for item in items if _matches(item, words) and (item.installed or not installed)]
    if fitting:
        found = list(_fitting(found))
    if json:
        for item in found:
            print_json(_fields(item))
        return
    print_columns(_row(item) for item in found)


def show_model(name: str, /, *, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Show all that is known of a model or adapter.

    Parameters
    ----------
    name
        Its id, from "sfumato models list".
    json
        Print one JSON object.
    """
    item = app.build_catalog().installable(name)
    if json:
        print_json(_fields(item) | {"parts": [_part_fields(part) for part in item.parts]})
        return
    print_columns(_lines(item))


def print_path(name: str | None = None, /) -> None:
    """Print the folder of an installed model or adapter.

    Parameters
    ----------
    name
        Its id; without it, the folder of all installed models.
    """
    if name is None:
        print(paths.models())
        return
    item = app.build_catalog().installable(name)
    if not item.installed:
        raise ModelError(f"{item.title} is not installed: see sfumato models install {item.id}.")
    print(_place(item))


def _matches(item: Item, words: tuple[str, ...]) -> bool:
    text = f"{item.id} {item.title} {item.family} {item.licence} {_kind(item)}".casefold()
    return all(word.casefold() in text for word in words)


def _fitting(items: Iterable[Item]) -> Iterator[ModelInfo]:
    """The models among them that fit into memory."""
    _, budget = app.find_device()
    for item in items:
        if isinstance(item, ModelInfo) and fit_of(item, budget) is not Fit.HARDLY:
            yield item


def _kind(item: Item) -> str:
    return "model" if isinstance(item, ModelInfo) else item.kind


def _place(item: Item) -> Path:
    """The folder that all parts have in common, or the one part's file."""
    folders = {part.path.parent for part in item.parts}
    return folders.pop() if len(item.parts) > 1 and len(folders) == 1 else item.parts[0].path


def _fields(item: Item) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": item.id,
        "kind": _kind(item),
        "title": item.title,
        "family": item.family,
        "licence": item.licence,
        "licence_url": item.licence_url,
        "licence_accept": item.licence_accept,
        "gated": item.gated,
        "installed": item.installed,
        "size_bytes": item.size_bytes,
    }
    if isinstance(item, ModelInfo):
        return fields | {
            "tasks": list(item.tasks),
            "native_size": item.native_size,
            "missing": list(item.missing),
            "memory_gib": item.memory.full,
        }
    return fields | {
        "trigger": item.trigger,
        "preprocessor": item.preprocessor,
        "weight": item.weight,
        "scale": item.scale,
    }


def _part_fields(part: InstalledPart) -> dict[str, Any]:
    return {
        "role": part.role,
        "path": str(part.path),
        "installed": part.exists,
        "source": _source(part),
    }


def _row(item: Item) -> tuple[str, ...]:
    return (
        item.id,
        f"{item.native_size} px" if isinstance(item, ModelInfo) else _scaled(item),
        _state(item),
        item.title,
        item.licence,
    )


def _scaled(adapter: AdapterInfo) -> str:
    """Its kind, and by how much it enlarges where it is an upscaler that tells."""
    return f"{adapter.kind} {adapter.scale}x" if adapter.scale else adapter.kind


def _state(item: Item) -> str:
    if item.installed:
        return file_size(item.size_bytes)
    return (
        f"{file_size(item.download_bytes)} to download" if item.download_bytes else "not installed"
    )


def _lines(item: Item) -> Iterator[tuple[str, str]]:
    yield "id", item.id
    yield "title", item.title
    yield "kind", _kind(item)
    yield "family", item.family
    accept = ", to be accepted before it is installed" if item.licence_accept else ""
    yield "licence", f"{item.licence}{accept}"
    if item.licence_url:
        yield "", item.licence_url
    if item.gated:
        yield "gated", "the hub gives it to those who accepted its terms, with a token"
    if isinstance(item, ModelInfo):
        yield "tasks", ", ".join(task.replace("_", " ") for task in item.tasks)
        yield "size", f"{item.native_size} px, sides in multiples of {item.grid}"
        estimated = " (estimated)" if item.memory.estimated else ""
        yield "memory", f"{item.memory.full:g} GiB, {item.memory.offload:g} offloaded{estimated}"
    elif item.scale:
        yield "enlarges", f"by {item.scale}"
    yield "files", _state(item)
    for part in item.parts:
        there = str(part.path) if part.exists else f"from {_source(part)}"
        yield part.role, there


def _source(part: InstalledPart) -> str:
    source = part.source
    if source.hub:
        return f"{source.hub}@{source.revision}" if source.revision else source.hub
    return source.url or str(part.path)
