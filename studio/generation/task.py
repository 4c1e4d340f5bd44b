"""What pressing Generate would do, decided from what lies under the frame, and said in words."""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import Final

import cv2
import msgspec

from studio.core.geometry import Bounds
from studio.core.picture import Picture
from studio.generation.request import MAX_SIDE, MIN_SIDE


class Task(enum.StrEnum):
    """What can be done with the frame; the values are the catalog's task names."""

    TEXT_TO_IMAGE = "text_to_image"
    INPAINT = "inpaint"
    OUTPAINT = "outpaint"
    IMAGE_TO_IMAGE = "image_to_image"
    EDIT = "edit"

    @property
    def capability(self) -> str:
        """What a model must be able to do for it: an outpaint is an inpaint."""
        return Task.INPAINT.value if self is Task.OUTPAINT else self.value


class Coverage(enum.Enum):
    """How much of the frame the picture covers."""

    EMPTY = "empty"
    PARTLY = "partly"
    FULL = "full"


class FrameFacts(msgspec.Struct, frozen=True):
    """What lies under the frame.

    Attributes:
        frame: the generation frame, in canvas coordinates.
        coverage: how much of it is opaque.
        known: around what is opaque in it, empty where nothing is.
        is_regular: whether ``known`` is a rectangle that is opaque throughout, so that what is
            empty are whole sides of the frame.
    """

    frame: Bounds
    coverage: Coverage
    known: Bounds
    is_regular: bool


class TaskChoice(msgspec.Struct, frozen=True):
    """What will be done, or why nothing can be.

    Attributes:
        task: None where nothing can be done.
        sentence: says what will happen, or what to do about it, without a full stop.
        area: the part of the canvas that it is about.
    """

    task: Task | None
    sentence: str
    area: Bounds

    @property
    def is_possible(self) -> bool:
        """Whether Generate may be pressed."""
        return self.task is not None


def survey_frame(frame: Bounds, flattened: Picture) -> FrameFacts:
    """Reads the facts from the document's pixels under the frame.

    Args:
        frame: in canvas coordinates.
        flattened: of the frame's size; transparent where the document is.
    """
    if flattened.mode != "RGBA":
        return FrameFacts(frame, Coverage.FULL, frame, is_regular=True)
    _, opaque = cv2.threshold(flattened.array()[..., 3], 254, 255, cv2.THRESH_BINARY)
    inside = Bounds(*cv2.boundingRect(opaque))
    count = cv2.countNonZero(opaque)
    if count == 0:
        coverage = Coverage.EMPTY if not flattened.array()[..., 3].any() else Coverage.PARTLY
    else:
        coverage = Coverage.FULL if count == frame.area else Coverage.PARTLY
    return FrameFacts(frame, coverage, inside.moved(frame.x, frame.y), 0 < count == inside.area)


def decide_task(
    facts: FrameFacts,
    mask_bounds: Bounds,
    strength: float,
    *,
    has_prompt: bool = True,
    override: Task | None = None,
    capabilities: Collection[str] = tuple(Task),
    by_selection: bool = False,
) -> TaskChoice:
    """What to do with the frame.

    A mask in it is filled; else an empty frame gets a new picture, a partly empty one is extended
    and a full one is repainted, or edited by a model that only follows instructions.

    Args:
        facts: from `survey_frame`.
        mask_bounds: around the painted mask, in canvas coordinates; empty where there is none.
        strength: of repainting a full frame, 0 to 1.
        has_prompt: whether anything is written; only a new picture and an edit need it.
        override: the task that the person has asked for instead.
        capabilities: the model's tasks, by their catalog names.
        by_selection: whether the mask is what is selected.
    """
    masked = mask_bounds.intersection(facts.frame)
    task = override or _fitting_task(facts, masked, capabilities)
    problem = (
        _size_problem(facts.frame)
        or _place_problem(task, facts, masked)
        or _model_problem(task, capabilities)
        or _prompt_problem(task, has_prompt)
    )
    if problem:
        return TaskChoice(None, problem, facts.frame)
    if task is Task.INPAINT:
        area = "selected" if by_selection else "masked"
        return TaskChoice(task, f"Fill the {area} area", masked)
    return TaskChoice(task, _sentence(task, facts, strength), facts.frame)


_NEED_A_PICTURE: Final = (Task.OUTPAINT, Task.IMAGE_TO_IMAGE, Task.EDIT)
_CANNOT: Final = {
    Task.TEXT_TO_IMAGE: "make pictures from words",
    Task.INPAINT: "fill masked areas",
    Task.OUTPAINT: "extend pictures",
    Task.IMAGE_TO_IMAGE: "repaint pictures",
    Task.EDIT: "follow instructions",
}


def _fitting_task(facts: FrameFacts, masked: Bounds, capabilities: Collection[str]) -> Task:
    if not masked.is_empty:
        return Task.INPAINT
    only_edits = Task.EDIT in capabilities and Task.IMAGE_TO_IMAGE not in capabilities
    return {
        Coverage.EMPTY: Task.TEXT_TO_IMAGE,
        Coverage.PARTLY: Task.OUTPAINT,
        Coverage.FULL: Task.EDIT if only_edits else Task.IMAGE_TO_IMAGE,
    }[facts.coverage]


def _size_problem(frame: Bounds) -> str:
    if frame.extent.shortest < MIN_SIDE:
        return f"The frame is {frame.extent}: make it at least {MIN_SIDE} px wide and high"
    if frame.extent.longest > MAX_SIDE:
        return f"The frame is {frame.extent}: make it at most {MAX_SIDE} px wide and high"
    return ""


def _place_problem(task: Task, facts: FrameFacts, masked: Bounds) -> str:
    if task is Task.INPAINT and masked.is_empty:
        return "Nothing is masked in the frame: paint over what should change"
    if task is Task.OUTPAINT and facts.coverage is Coverage.FULL:
        return "The frame is full: move it over an edge of the picture to extend it"
    if task in _NEED_A_PICTURE and facts.coverage is Coverage.EMPTY:
        return "The frame is empty: move it over the picture"
    return ""


def _model_problem(task: Task, capabilities: Collection[str]) -> str:
    if task.capability in capabilities:
        return ""
    return f"This model cannot {_CANNOT[task]}: choose another one"


def _prompt_problem(task: Task, has_prompt: bool) -> str:
    if task is Task.TEXT_TO_IMAGE and not has_prompt:
        return "Write what the picture should show"
    if task is Task.EDIT and not has_prompt:
        return "Write what should change"
    return ""


def _sentence(task: Task, facts: FrameFacts, strength: float) -> str:
    if task is Task.TEXT_TO_IMAGE:
        return "Make a picture"
    if task is Task.IMAGE_TO_IMAGE:
        return f"Repaint the frame at strength {strength:.2g}"
    if task is Task.EDIT:
        return "Change the frame as the prompt says"
    sides = _empty_sides(facts)
    return f"Extend {sides}" if sides else "Fill the empty part of the frame"


def _empty_sides(facts: FrameFacts) -> str:
    """Such as ``to the left by 8 px and downwards by 4 px``; empty where it is irregular."""
    if not facts.is_regular:
        return ""
    frame, known = facts.frame, facts.known
    depths = {
        "to the left": known.x - frame.x,
        "to the right": frame.right - known.right,
        "upwards": known.y - frame.y,
        "downwards": frame.bottom - known.bottom,
    }
    if len(set(depths.values())) == 1:
        return f"by {depths['upwards']} px on all sides"
    parts = [f"{side} by {depth} px" for side, depth in depths.items() if depth > 0]
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
