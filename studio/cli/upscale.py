"""``sfumato upscale``: a picture made larger by a learned network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from studio.cli.options import Options
from studio.cli.session import Result, Session, open_session
from studio.files.pictures import LoadedPicture
from studio.generation.enlarging import (
    UpscalerInfo,
    default_upscaler,
    upscale_request,
    upscaler_named,
)


def upscale(
    image: Path,
    /,
    *,
    scale: Literal[2, 4] = 2,
    upscaler: str | None = None,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Enlarge a picture by 2 or 4.

    Parameters
    ----------
    image
        The picture.
    scale
        By how much.
    upscaler
        Id of the upscaler, from "sfumato models list upscaler", or of a model that has its own;
        the first upscaler that is installed where it is not given.
    output
        The file to write; its suffix says the format. Without it only the gallery keeps the
        picture, and its file there is printed.
    json
        Print one JSON object.
    """
    with open_session() as session:
        catalog = session.catalog
        chosen = upscaler_named(upscaler, catalog) if upscaler else default_upscaler(catalog)
        results = _results(session, session.load(image), scale, chosen)
        session.deliver(results, Options(output=output, json=json))


def _results(
    session: Session, loaded: LoadedPicture, scale: int, upscaler: UpscalerInfo
) -> Iterator[Result]:
    prompt = loaded.recipe.request.prompt if loaded.recipe else ""
    request, attachments = upscale_request(loaded.picture, scale, upscaler, prompt)
    for candidate in session.candidates(request, attachments):
        yield Result(candidate.index, candidate.picture, request, candidate, (loaded.picture,))
