"""``sfumato edit``: the masked part of a picture redone, and not a pixel beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from studio.cli.options import Options
from studio.cli.session import Result, Session, open_session
from studio.core.picture import Picture
from studio.files.pictures import read_mask
from studio.generation.edits import Edit, Settings, apply_patch, inpaint_edits
from studio.generation.scene import PictureScene


def edit(
    image: Path,
    prompt: str,
    /,
    *,
    mask: Path,
    strength: Annotated[float, Parameter(negative=())] = 1.0,
    options: Options = Options(),  # noqa: B008  (frozen)
) -> None:
    """Redo the masked part of a picture.

    Parameters
    ----------
    image
        The picture.
    prompt
        What the masked part should show.
    mask
        A picture of the same size: white, or transparent where it has alpha, is repainted.
    strength
        0 keeps what is under the mask, 1 forgets it.
    """
    with open_session() as session:
        source, painted = session.read(image), read_mask(mask)
        model = options.chosen_model(session.catalog)
        settings = options.settings(model, prompt, strength)
        edits = inpaint_edits(PictureScene(source, painted), settings, model.native_size)
        session.deliver(_results(session, source, edits, settings), options)


def _results(
    session: Session, source: Picture, edits: list[Edit], settings: Settings
) -> Iterator[Result]:
    """Masked parts far from each other are redone one after another; the last completes them."""
    pictures = [source] * settings.count
    for number, part in enumerate(edits, start=1):
        label = f"part {number} of {len(edits)}, " if len(edits) > 1 else ""
        for candidate in session.candidates(part.request, part.attachments, label):
            at = candidate.index
            pictures[at] = apply_patch(pictures[at], candidate.picture, part.area.origin)
            if part is edits[-1]:
                origins = (source, *part.attachments.values())
                yield Result(at, pictures[at], part.request, candidate, origins)
