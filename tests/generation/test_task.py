from __future__ import annotations

import numpy as np
import pytest

from studio.core.geometry import Bounds
from studio.core.picture import Picture
from studio.generation.task import (
    Coverage,
    FrameFacts,
    Task,
    TaskChoice,
    decide_task,
    survey_frame,
)

FRAME = Bounds(100, 50, 512, 256)
NOTHING = Bounds(0, 0, 0, 0)


def under_frame(*opaque: Bounds, alpha: int = 255) -> FrameFacts:
    """The facts where these rectangles, in canvas coordinates, are covered."""
    pixels = np.zeros((FRAME.height, FRAME.width, 4), np.uint8)
    for part in opaque:
        place = part.intersection(FRAME).relative_to(FRAME.origin)
        pixels[place.y : place.bottom, place.x : place.right] = alpha
    return survey_frame(FRAME, Picture.from_array(pixels))


def choose(facts: FrameFacts, mask: Bounds = NOTHING, **changes: object) -> TaskChoice:
    return decide_task(facts, mask, 0.6, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("opaque", "mask", "task", "sentence"),
    [
        ([], NOTHING, Task.TEXT_TO_IMAGE, "Make a picture"),
        ([FRAME], NOTHING, Task.IMAGE_TO_IMAGE, "Repaint the frame at strength 0.6"),
        ([FRAME], Bounds(200, 100, 9, 9), Task.INPAINT, "Fill the masked area"),
        (
            [Bounds(0, 0, 356, 400)],
            NOTHING,
            Task.OUTPAINT,
            "Extend to the right by 256 px",
        ),
        (
            [Bounds(164, 0, 900, 178)],
            NOTHING,
            Task.OUTPAINT,
            "Extend to the left by 64 px and downwards by 128 px",
        ),
        (
            [FRAME.padded(-10)],
            NOTHING,
            Task.OUTPAINT,
            "Extend by 10 px on all sides",
        ),
        (
            [Bounds(110, 60, 482, 502)],
            NOTHING,
            Task.OUTPAINT,
            "Extend to the left by 10 px, to the right by 20 px and upwards by 10 px",
        ),
        (
            [Bounds(100, 50, 200, 256), Bounds(400, 50, 100, 100)],
            NOTHING,
            Task.OUTPAINT,
            "Fill the empty part of the frame",
        ),
    ],
)
def test_what_lies_under_the_frame_decides(
    opaque: list[Bounds], mask: Bounds, task: Task, sentence: str
) -> None:
    choice = choose(under_frame(*opaque), mask)
    assert (choice.task, choice.sentence) == (task, sentence)
    assert choice.is_possible


def test_a_mask_outside_the_frame_does_not_count() -> None:
    assert choose(under_frame(FRAME), Bounds(0, 0, 50, 50)).task is Task.IMAGE_TO_IMAGE


def test_an_inpaint_is_about_the_mask_inside_the_frame() -> None:
    choice = choose(under_frame(FRAME), Bounds(90, 60, 30, 30))
    assert choice.area == Bounds(100, 60, 20, 30)


def test_everything_but_an_inpaint_is_about_the_frame() -> None:
    assert choose(under_frame()).area == FRAME


def test_the_person_may_insist_on_another_task() -> None:
    choice = choose(under_frame(FRAME), override=Task.TEXT_TO_IMAGE)
    assert choice.task is Task.TEXT_TO_IMAGE


@pytest.mark.parametrize(
    ("facts", "changes", "sentence"),
    [
        (under_frame(FRAME), {"override": Task.INPAINT}, "paint over what should change"),
        (under_frame(FRAME), {"override": Task.OUTPAINT}, "move it over an edge"),
        (under_frame(), {"override": Task.IMAGE_TO_IMAGE}, "move it over the picture"),
        (under_frame(), {"has_prompt": False}, "Write what the picture should show"),
        (under_frame(FRAME), {"capabilities": ["inpaint"]}, "cannot repaint pictures"),
        (
            under_frame(Bounds(100, 50, 9, 9)),
            {"capabilities": ["text_to_image"]},
            "cannot extend pictures",
        ),
        (
            FrameFacts(Bounds(0, 0, 8, 99), Coverage.EMPTY, NOTHING, is_regular=True),
            {},
            "at least 16 px",
        ),
        (
            FrameFacts(Bounds(0, 0, 5000, 99), Coverage.EMPTY, NOTHING, is_regular=True),
            {},
            "at most 4096 px",
        ),
    ],
)
def test_what_cannot_be_done_says_why_and_what_to_do(
    facts: FrameFacts, changes: dict[str, object], sentence: str
) -> None:
    choice = choose(facts, NOTHING, **changes)
    assert not choice.is_possible
    assert sentence in choice.sentence


def test_a_model_that_inpaints_can_extend() -> None:
    choice = choose(under_frame(Bounds(100, 50, 99, 256)), capabilities=["inpaint"])
    assert choice.task is Task.OUTPAINT


def test_half_transparent_pixels_leave_a_frame_partly_empty() -> None:
    facts = under_frame(FRAME, alpha=128)
    assert facts.coverage is Coverage.PARTLY
    assert choose(facts).sentence == "Fill the empty part of the frame"


def test_a_picture_without_alpha_fills_the_frame() -> None:
    flat = Picture.from_array(np.zeros((FRAME.height, FRAME.width, 3), np.uint8))
    assert survey_frame(FRAME, flat).coverage is Coverage.FULL


def test_a_model_that_only_follows_instructions_edits_a_full_frame() -> None:
    choice = choose(under_frame(FRAME), capabilities=("edit",))
    assert (choice.task, choice.sentence) == (Task.EDIT, "Change the frame as the prompt says")


def test_an_edit_needs_words_and_a_picture() -> None:
    full, empty = under_frame(FRAME), under_frame()
    assert choose(full, override=Task.EDIT, has_prompt=False).sentence == "Write what should change"
    assert not choose(empty, override=Task.EDIT).is_possible
