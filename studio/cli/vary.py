"""``sfumato vary``: pictures like another one, by its CLIP image embedding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from studio.cli.options import Options, Size
from studio.cli.session import Result, Session, open_session
from studio.core.errors import RequestError
from studio.core.geometry import Bounds
from studio.core.picture import Picture
from studio.generation.edits import Edit, variation_edit


def vary(
    image: Path,
    /,
    *,
    strength: float = 0.5,
    size: Size = None,
    prompt: str = "",
    options: Options = Options(),  # noqa: B008  (frozen)
) -> None:
    """Make pictures like another one.

    Parameters
    ----------
    image
        The picture.
    strength
        0 is almost the same picture, 1 only its idea.
    size
        Such as 512x768; the picture's own size where it is not given.
    prompt
        A text to score the pictures by with --rank.
    """
    if options.rank and not prompt.strip():
        raise RequestError("There is no text to rank by: give one with --prompt.")
    with open_session(options.memory, together=options.together) as session:
        source = session.read(image)
        model = options.chosen_model(session.catalog)
        settings = options.settings(session.catalog, model, prompt, strength)
        area = None if size is None else Bounds.of(size)
        edit = variation_edit(source, settings, area)
        session.deliver(_results(session, source, edit), options)


def _results(session: Session, source: Picture, edit: Edit) -> Iterator[Result]:
    for candidate in session.candidates(edit.request, edit.attachments):
        origins = (source, *edit.attachments.values())
        yield Result(candidate.index, candidate.picture, edit.request, candidate, origins)
