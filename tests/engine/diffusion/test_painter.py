"""The painter with a family that needs no model."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from studio.core.picture import Picture, Pixels
from studio.engine.diffusion.bases.family import Unsound
from studio.engine.diffusion.painter import Painter
from studio.engine.diffusion.upscalers.upscaler import Watch
from studio.engine.protocol import Note, Progress, Scored
from studio.generation.catalog import ModelInfo
from studio.generation.request import (
    Attachments,
    Generation,
    ImageToImage,
    Inpaint,
    Ranking,
    TextToImage,
    attach,
)
from tests.helpers.adapters import adapter_info
from tests.helpers.copyist import SOURCE, Copyist, Paint, candidates, guided_by, inpaint, words
from tests.helpers.engine_runs import RecordingDesk, box_mask, of_kind, shaded


def test_enlarging_is_told_once_and_shrinking_is_not(paint: Paint) -> None:
    desk, _ = paint(words(512, 512, count=3))
    assert [note.message for note in of_kind(desk.events, Note)] == [
        "Tiny paints at 64 px; enlarged to 512 px."
    ]
    desk, _ = paint(words(512, 256))
    [note] = of_kind(desk.events, Note)
    assert note.message.endswith("enlarged to 512 × 256 px.")
    desk, _ = paint(words(32, 32))
    assert not of_kind(desk.events, Note)


class Doubler:
    """An upscaler that says by how much it was asked to enlarge, and repeats pixels."""

    def __init__(self) -> None:
        self.factors: list[float] = []

    def enlarge(self, pixels: Pixels, factor: float, watch: Watch) -> Pixels:
        watch.check()
        self.factors.append(factor)
        return pixels.repeat(2, axis=0).repeat(2, axis=1)


@pytest.mark.parametrize(
    "request_for",
    [
        lambda: (words(128, 128), {}),
        lambda: (
            Inpaint(
                model="tiny",
                prompt="x",
                seed=1,
                width=128,
                height=128,
                source=shaded(128, 128).digest,
                mask=box_mask(128, 128, 30, 30, 90, 90).digest,
            ),
            attach([shaded(128, 128), box_mask(128, 128, 30, 30, 90, 90)]),
        ),
    ],
    ids=["words", "mask"],
)
def test_what_is_larger_than_the_model_goes_through_its_upsamplers(
    model: ModelInfo, request_for: Callable[[], tuple[Generation, Attachments]]
) -> None:
    desk, upscaler = RecordingDesk(), Doubler()
    request, attachments = request_for()
    Painter(model, Copyist(), desk, attachments, upscaler).paint(request)
    assert upscaler.factors == [2.0]
    [candidate] = candidates(desk)
    assert candidate.picture.extent == (128, 128)


def test_each_candidate_has_its_own_seed_and_the_models_defaults(
    paint: Paint, model: ModelInfo
) -> None:
    desk, family = paint(words(64, 64, count=3))
    assert [brief.seed for brief in family.briefs] == [40, 41, 42]
    assert [candidate.seed for candidate in candidates(desk)] == [40, 41, 42]
    assert [candidate.index for candidate in candidates(desk)] == [0, 1, 2]
    brief = family.briefs[0]
    assert (brief.steps, brief.guidance, brief.scheduler) == (
        model.defaults.steps,
        model.defaults.guidance,
        model.defaults.scheduler,
    )


def test_the_fraction_ends_at_one_and_never_falls(paint: Paint) -> None:
    desk, _ = paint(words(64, 64, count=4))
    fractions = [event.fraction for event in of_kind(desk.events, Progress)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_strength_zero_keeps_the_very_pixels(paint: Paint) -> None:
    request = ImageToImage(
        model="tiny", seed=1, count=2, width=96, height=80, source=SOURCE.digest, strength=0
    )
    desk, family = paint(request, attach([SOURCE]))
    assert [candidate.picture for candidate in candidates(desk)] == [SOURCE, SOURCE]
    assert not family.briefs


def test_a_source_of_another_shape_is_cropped_to_the_one_asked_for(paint: Paint) -> None:
    request = ImageToImage(
        model="tiny", seed=1, width=64, height=64, source=SOURCE.digest, strength=0
    )
    desk, _ = paint(request, attach([SOURCE]))
    [candidate] = candidates(desk)
    assert candidate.picture.extent == (64, 64)
    assert np.abs(candidate.picture.rgb()[32, 32].astype(int) - SOURCE.rgb()[40, 48]).max() <= 3


@pytest.mark.parametrize(
    ("asked", "for_holes", "used"), [(None, None, 4.5), (None, 3.0, 3.0), (2.0, 3.0, 2.0)]
)
def test_a_hole_has_the_models_guidance_for_holes_where_none_is_asked_for(
    asked: float | None, for_holes: float | None, used: float, model: ModelInfo
) -> None:
    defaults = msgspec.structs.replace(model.defaults, guidance=4.5, inpaint_guidance=for_holes)
    told, family = replace(model, defaults=defaults), Copyist()
    mask = box_mask(96, 80, 30, 20, 60, 50)
    request = msgspec.structs.replace(inpaint(mask), guidance=asked)
    Painter(told, family, RecordingDesk(), attach([SOURCE, mask])).paint(request)
    Painter(told, family, RecordingDesk(), {}).paint(words(64, 64))
    assert [brief.guidance for brief in family.briefs] == [used, 4.5]


def test_what_is_no_picture_is_not_sent(paint: Paint) -> None:
    with pytest.raises(Unsound):
        paint(words(64, 64), unsound=1)


def test_painting_goes_on_behind_what_was_sent_before(model: ModelInfo) -> None:
    desk, family = RecordingDesk(), Copyist()
    painter = Painter(model, family, desk, {})
    painter.paint(words(64, 64, count=3), first=2)
    assert [candidate.index for candidate in candidates(desk)] == [2]
    assert painter.sent == 3


def batches(family: Copyist) -> list[tuple[int, ...]]:
    """The seeds that each picture was painted with."""
    return [brief.seeds for brief in family.briefs]


def test_candidates_are_painted_together_where_that_is_wanted(paint: Paint) -> None:
    desk, family = paint(words(64, 64, count=3), together=2)
    assert batches(family) == [(40, 41), (40, 41), (42,)]
    assert [candidate.seed for candidate in candidates(desk)] == [40, 41, 42]
    _, family = paint(words(64, 64, count=2))
    assert batches(family) == [(40,), (41,)]


def test_what_pictures_guide_is_painted_one_by_one(
    paint: Paint, monkeypatch: pytest.MonkeyPatch
) -> None:
    edges = adapter_info(Path("edges"), "controlnet", "kandinsky22")
    guided = msgspec.structs.replace(words(64, 64, count=2), controls=(guided_by(SOURCE),))
    _, family = paint(guided, attach([SOURCE]), adapters={"edges": edges}, together=2)
    assert batches(family) == [(40,), (41,)]
    monkeypatch.setattr(Copyist, "paints_together", False)
    _, family = paint(words(64, 64, count=2), together=2)
    assert batches(family) == [(40,), (41,)]


def test_candidates_are_scored_where_the_request_asks_for_it(
    model: ModelInfo, paint: Paint
) -> None:
    request = TextToImage(
        model="tiny", prompt="x", seed=51, width=64, height=64, rank=True, count=2
    )
    desk, _ = paint(request)
    assert [candidate.score for candidate in candidates(desk)] == [0.2, 52 / 255]
    desk, _ = paint(words(64, 64))
    assert candidates(desk)[0].score is None


def test_a_ranking_scores_its_pictures_in_order(model: ModelInfo) -> None:
    pictures = [Picture.from_array(np.full((8, 8), value, np.uint8)) for value in (255, 0, 51)]
    request = Ranking(model="tiny", prompt="x", pictures=tuple(p.digest for p in pictures))
    desk = RecordingDesk()
    Painter(model, Copyist(), desk, attach(pictures)).rank(request)
    [scored] = of_kind(desk.events, Scored)
    assert scored.scores == (1.0, 0.0, 0.2)
