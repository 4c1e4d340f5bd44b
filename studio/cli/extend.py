"""``sfumato extend``: a picture continued beyond its edges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from studio.cli.options import Options
from studio.cli.session import Result, Session, open_session
from studio.core.errors import RequestError
from studio.core.geometry import Bounds, Point
from studio.core.picture import Picture
from studio.generation.edits import Settings, apply_patch, outpaint_edit
from studio.generation.outpaint import OutpaintPlan, plan_outpaint
from studio.generation.scene import PictureScene, placed_on

MAX_SIDE = 16_384
"""No picture is extended to more, in pixels."""


def extend(
    image: Path,
    prompt: str,
    /,
    *,
    left: int = 0,
    right: int = 0,
    top: int = 0,
    bottom: int = 0,
    options: Options = Options(),  # noqa: B008  (frozen)
) -> None:
    """Continue a picture beyond its edges.

    Parameters
    ----------
    image
        The picture.
    prompt
        What the whole picture should show.
    left, right, top, bottom
        By how many pixels.
    """
    with open_session(options.memory, together=options.together) as session:
        source = session.read(image)
        canvas = _extended(source, left, right, top, bottom)
        model = options.chosen_model(session.catalog)
        settings = options.settings(session.catalog, model, prompt)
        plan = plan_outpaint(Bounds.of(source.extent), canvas, model.native_size)
        session.deliver(_results(session, source, plan, settings), options)


def _extended(source: Picture, left: int, right: int, top: int, bottom: int) -> Bounds:
    if min(left, right, top, bottom) < 0:
        raise RequestError("A picture is extended by 0 pixels or more: use no negative number.")
    canvas = Bounds.from_edges(-left, -top, source.width + right, source.height + bottom)
    if canvas.extent.longest > MAX_SIDE:
        raise RequestError(
            f"The picture would be {canvas.extent}: extend it to at most {MAX_SIDE} a side."
        )
    return canvas


def _results(
    session: Session, source: Picture, plan: OutpaintPlan, settings: Settings
) -> Iterator[Result]:
    """All pictures at once where one step is enough; else one after another, step by step."""
    if len(plan.steps) == 1:
        yield from _painted(session, source, plan, settings, "")
        return
    scene = PictureScene(placed_on(source, Point(0, 0), plan.canvas), origin=plan.canvas.origin)
    asked = outpaint_edit(scene, plan.steps[0], settings).request
    for k in range(asked.count):
        own = msgspec.structs.replace(settings, seed=asked.seed_of(k), count=1)
        label = f"picture {k + 1} of {settings.count}, " if settings.count > 1 else ""
        for result in _painted(session, source, plan, own, label):
            yield result._replace(number=k)


def _painted(
    session: Session, source: Picture, plan: OutpaintPlan, settings: Settings, label: str
) -> Iterator[Result]:
    canvas = placed_on(source, Point(0, 0), plan.canvas)
    for number, step in enumerate(plan.steps, start=1):
        scene = PictureScene(canvas, origin=plan.canvas.origin)
        edit = outpaint_edit(scene, step, settings)
        part = f"{label}step {number} of {len(plan.steps)}, " if len(plan.steps) > 1 else label
        for candidate in session.candidates(edit.request, edit.attachments, part):
            at = edit.area.relative_to(plan.canvas.origin).origin
            painted = apply_patch(canvas, candidate.picture, at)
            if number == len(plan.steps):
                origins = (source, *edit.attachments.values())
                whole = painted if source.mode == "RGBA" else Picture.from_array(painted.rgb())
                yield Result(candidate.index, whole, edit.request, candidate, origins)
            else:
                canvas = painted
