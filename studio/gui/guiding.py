"""From the guiding pictures that the panel keeps to those of a request, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from studio import paths
from studio.core.errors import RequestError
from studio.gallery import names
from studio.generation.catalog import AdapterInfo
from studio.generation.guides import GuidePicture
from studio.generation.request import Control, Generation, Guide, Reference
from studio.generation.task import Task
from studio.gui.settings import GuideSettings


def guides_of(
    chosen: Sequence[GuideSettings], adapters: Sequence[AdapterInfo], task: Task | None
) -> Iterator[GuidePicture]:
    """The pictures with their pixels; slow where they are files'.

    What is shown to the model itself counts only where it changes a picture as it is told.

    Raises:
        RequestError: if there is no such adapter.
        PictureError: if a file cannot be read.
    """
    from studio.files.pictures import read_picture

    for each in chosen:
        if each.adapter or task is Task.EDIT:
            picture = read_picture(Path(each.picture)) if each.picture else None
            yield GuidePicture(_asked(each, adapters), picture)


def chosen_by(request: Generation) -> tuple[GuideSettings, ...]:
    """What the panel shows for the guides of a request, whose pictures the gallery keeps."""
    controls = (
        _shown(each, preprocessor=each.preprocessor, kind=each.kind) for each in request.controls
    )
    return (*controls, *(_shown(each) for each in request.references))


def _shown(guide: Guide, **prepared: str) -> GuideSettings:
    return GuideSettings(
        adapter=guide.adapter,
        picture=str(paths.gallery() / names.input_path(guide.picture)),
        weight=guide.weight,
        begin=guide.begin,
        end=guide.end,
        **prepared,
    )


def _asked(chosen: GuideSettings, adapters: Sequence[AdapterInfo]) -> Control | Reference:
    common: dict[str, Any] = {"weight": chosen.weight, "begin": chosen.begin, "end": chosen.end}
    if not chosen.adapter:
        return Reference(picture="", **common)
    adapter = next((each for each in adapters if each.id == chosen.adapter), None)
    if adapter is None:
        raise RequestError(
            f"{chosen.adapter} is not on this computer any more: install it again, or take it off "
            "the pictures that guide."
        )
    if adapter.kind == "ip_adapter":
        return Reference(picture="", adapter=adapter.id, **common)
    return Control(
        picture="",
        adapter=adapter.id,
        preprocessor=chosen.preprocessor,
        kind=chosen.kind,
        **common,
    )
