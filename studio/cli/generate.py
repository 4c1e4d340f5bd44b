"""``sfumato generate``: pictures from words, or from a request as JSON."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from studio.cli.errors import UsageError
from studio.cli.options import Options, Size, default_size
from studio.cli.session import Result, Session, open_session
from studio.core.errors import PictureError, RequestError
from studio.core.geometry import Bounds, Point
from studio.generation.edits import apply_patch, text_to_image_edit
from studio.generation.request import Attachments, Inpaint, Making, Ranking, Upscale, from_json


def generate(
    prompt: str | None = None,
    /,
    *,
    size: Size = None,
    request: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    options: Options = Options(),  # noqa: B008  (frozen)
) -> None:
    """Make pictures from words.

    Parameters
    ----------
    prompt
        What the picture should show.
    size
        Such as 512x768; 256x256 where it is not given, or the model's native size if larger.
    request
        A file with a request as JSON, as the gallery keeps it, instead of prompt and options;
        "-" reads it from standard input.
    """
    if (prompt is None) == (request is None):
        raise UsageError("give either a PROMPT or --request.")
    given = None if request is None else _read_request(request)
    with open_session(options.memory, together=options.together) as session:
        if given is None:
            model = options.chosen_model(session.catalog)
            settings = options.settings(session.catalog, model, prompt or "")
            edit = text_to_image_edit(settings, Bounds.of(size or default_size(model)))
            session.deliver(_results(session, edit.request, edit.attachments), options)
        else:
            is_ranked = not isinstance(given, Upscale) and given.rank
            options = dataclasses.replace(options, count=given.count, rank=is_ranked)
            inputs = {digest: session.stored_input(digest) for digest in given.needs}
            session.deliver(_results(session, given, inputs), options)


def _results(session: Session, request: Making, sources: Attachments) -> Iterator[Result]:
    origins = tuple(sources.values())
    for candidate in session.candidates(request, sources):
        picture = candidate.picture
        if isinstance(request, Inpaint):
            picture = apply_patch(sources[request.source], picture, Point(0, 0))
        yield Result(candidate.index, picture, request, candidate, origins)


def _read_request(place: str) -> Making:
    try:
        text = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
    except OSError as error:
        raise PictureError(f"{place} cannot be read: {error.strerror}.") from error
    request = from_json(text)
    if isinstance(request, Ranking):
        raise RequestError("A ranking makes no picture: use sfumato rank.")
    return request
