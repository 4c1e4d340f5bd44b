"""``sfumato edit``: the masked part of a picture redone, or all of it changed as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from studio.cli.options import Options
from studio.cli.session import Result, Session, open_session
from studio.core.errors import RequestError
from studio.core.geometry import Bounds
from studio.core.picture import Picture
from studio.files.pictures import read_mask
from studio.generation.catalog import ModelInfo
from studio.generation.edits import Edit, Settings, apply_patch, inpaint_edits, instruction_edit
from studio.generation.scene import PictureScene


def edit(
    image: Path,
    prompt: str,
    /,
    *,
    mask: Path | None = None,
    strength: Annotated[float, Parameter(negative=())] = 1.0,
    options: Options = Options(),  # noqa: B008  (frozen)
) -> None:
    """Redo the masked part of a picture, or change the picture as the prompt says.

    Parameters
    ----------
    image
        The picture.
    prompt
        What the masked part should show; without a mask, what should change, such as "make the
        sky pink", by a model that follows instructions.
    mask
        A picture of the same size: white, or transparent where it has alpha, is repainted.
    strength
        0 keeps what is under the mask, 1 forgets it.
    """
    with open_session(options.memory, together=options.together) as session:
        source = session.read(image)
        model = options.chosen_model(session.catalog)
        settings = options.settings(session.catalog, model, prompt, strength)
        if mask is None:
            _check_follows(model)
            session.deliver(_changed(session, source, settings), options)
            return
        scene = PictureScene(source, read_mask(mask))
        edits = inpaint_edits(scene, settings, model.native_size)
        session.deliver(_redone(session, source, edits, settings), options)


def _check_follows(model: ModelInfo) -> None:
    if "edit" not in model.tasks:
        raise RequestError(
            f"{model.title} follows no instructions: say with --mask what to redo, or choose "
            "another --model."
        )


def _changed(session: Session, source: Picture, settings: Settings) -> Iterator[Result]:
    told = instruction_edit(PictureScene(source), Bounds.of(source.extent), settings)
    for candidate in session.candidates(told.request, told.attachments):
        origins = (source, *told.attachments.values())
        yield Result(candidate.index, candidate.picture, told.request, candidate, origins)


def _redone(
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
