"""The painter with a family that needs no model."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from studio.core.errors import RequestError
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.adapters.wardrobe import Worn
from studio.engine.diffusion.bases.family import Brief, Unsound
from studio.engine.diffusion.guides import Guides
from studio.engine.diffusion.painter import Painter
from studio.engine.diffusion.upscalers.upscaler import Watch
from studio.engine.protocol import Candidate, Note, Progress, Scored
from studio.generation.catalog import AdapterInfo, Catalog, ModelInfo
from studio.generation.catalog_entries import ANY_FAMILY
from studio.generation.request import (
    Attachments,
    Control,
    Generation,
    ImageToImage,
    Inpaint,
    InstructionEdit,
    Ranking,
    Reference,
    TextToImage,
    Variation,
    attach,
)
from tests.helpers.adapters import adapter_info
from tests.helpers.engine_runs import RecordingDesk, box_mask, of_kind, shaded

SOURCE = shaded(96, 80)


class Copyist:
    """A family that answers with its source, or with a colour made of the seed."""

    pipelines = ()
    ranks = True
    tiled = False
    paints_together = True

    def __init__(self, unsound: int = 0) -> None:
        self.briefs: list[Brief] = []
        self.masks: list[Picture] = []
        self.sources: Sequence[Pixels] = ()
        self.seen: Pixels | None = None
        self._unsound = unsound

    def wear(self, loras: Sequence[Worn]) -> None:
        assert not loras

    def learn(self, words: Sequence[AdapterInfo]) -> Sequence[AdapterInfo]:
        return words

    def effort(self, steps: int) -> float:
        return steps

    def text_to_image(self, brief: Brief, desk: Desk) -> Pixels:
        self._work(brief)
        height, width = brief.extent.height, brief.extent.width
        return np.full((height, width, 3), brief.seed % 256, np.uint8)

    def image_to_image(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        self._work(brief)
        self.seen = source
        return source

    variation = image_to_image

    def edit(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Pixels:
        self._work(brief)
        self.sources = sources
        return sources[0]

    def inpaint(
        self, brief: Brief, source: Pixels, mask: Picture, strength: float, desk: Desk
    ) -> Pixels:
        self._work(brief)
        self.masks.append(mask)
        self.seen = source
        return source

    def similarity(self, prompt: str, pictures: Sequence[Pixels]) -> list[float]:
        return [float(pixels.mean()) / 255 for pixels in pictures]

    def unread(self, prompt: str) -> str:
        return ""

    def _work(self, brief: Brief) -> None:
        self.briefs.append(brief)
        if len(self.briefs) <= self._unsound:
            raise Unsound


@pytest.fixture
def model(tiny_catalog: Catalog) -> ModelInfo:
    """Paints at 64 px on a grid of 16."""
    return tiny_catalog.get("tiny")


@pytest.fixture
def paint(model: ModelInfo) -> Callable[..., tuple[RecordingDesk, Copyist]]:
    def run(
        request: Generation,
        attachments: Attachments | None = None,
        unsound: int = 0,
        together: int = 1,
        **guiding: Any,
    ) -> tuple[RecordingDesk, Copyist]:
        desk, family, pictures = RecordingDesk(), Copyist(unsound), attachments or {}
        guides = Guides(desk, pictures, **guiding)
        painter = Painter(model, family, desk, pictures, guides=guides, together=together)
        painter.paint(request)
        return desk, family

    return run


Paint = Callable[..., tuple[RecordingDesk, Copyist]]


def words(width: int, height: int, count: int = 1) -> TextToImage:
    return TextToImage(model="tiny", prompt="x", seed=40, count=count, width=width, height=height)


def candidates(desk: RecordingDesk) -> list[Candidate]:
    return of_kind(desk.events, Candidate)


@pytest.mark.parametrize(
    "extent", [(64, 64), (16, 16), (17, 400), (512, 512), (333, 111), (4096, 16)]
)
def test_pictures_have_the_size_that_was_asked_for(paint: Paint, extent: tuple[int, int]) -> None:
    desk, family = paint(words(*extent))
    [candidate] = candidates(desk)
    assert candidate.picture.extent == extent
    assert all(side % 16 == 0 for side in family.briefs[0].extent)


def test_enlarging_is_told_once_and_shrinking_is_not(paint: Paint) -> None:
    desk, _ = paint(words(512, 512, count=3))
    assert [note.message for note in of_kind(desk.events, Note)] == [
        "Tiny paints at 64 px; enlarged to 512x512."
    ]
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


@pytest.mark.parametrize("kind", [ImageToImage, Variation])
def test_a_repaint_by_a_copyist_gives_the_source_back(
    paint: Paint, kind: type[ImageToImage | Variation]
) -> None:
    request = kind(model="tiny", seed=1, width=96, height=80, source=SOURCE.digest, strength=0.5)
    desk, _ = paint(request, attach([SOURCE]))
    [candidate] = candidates(desk)
    difference = np.abs(candidate.picture.rgb().astype(int) - SOURCE.rgb())
    assert candidate.picture.extent == SOURCE.extent
    assert difference.max() <= 3


def test_an_edit_shows_the_family_its_source_and_the_pictures_it_speaks_of(paint: Paint) -> None:
    other = shaded(40, 30, 7)
    edit = InstructionEdit(
        model="tiny",
        seed=1,
        width=96,
        height=80,
        source=SOURCE.digest,
        prompt="make it blue",
        references=(Reference(picture=other.digest),),
    )
    desk, family = paint(edit, attach([SOURCE, other]))
    assert family.briefs[0].prompt == "make it blue"
    assert [pixels.shape for pixels in family.sources] == [(64, 64, 3), (30, 40, 3)]
    [candidate] = candidates(desk)
    difference = np.abs(candidate.picture.rgb().astype(int) - SOURCE.rgb())
    assert difference.max() <= 3


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


def test_a_transparent_source_is_seen_on_white(paint: Paint) -> None:
    clear = Picture.from_array(np.zeros((64, 64, 4), np.uint8))
    request = ImageToImage(model="tiny", seed=1, width=64, height=64, source=clear.digest)
    desk, _ = paint(request, attach([clear]))
    assert (candidates(desk)[0].picture.rgb() == 255).all()


def inpaint(mask: Picture, width: int = 96, height: int = 80) -> Inpaint:
    return Inpaint(
        model="tiny",
        seed=1,
        width=width,
        height=height,
        source=SOURCE.digest,
        mask=mask.digest,
    )


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


def test_a_patch_is_transparent_outside_the_mask_and_of_the_sources_size(paint: Paint) -> None:
    mask = box_mask(96, 80, 30, 20, 60, 50)
    desk, family = paint(inpaint(mask), attach([SOURCE, mask]))
    patch = candidates(desk)[0].picture
    assert patch.mode == "RGBA" and patch.extent == SOURCE.extent
    assert np.array_equal(patch.rgba()[..., 3], mask.array())
    assert family.masks[0].extent == family.briefs[0].extent


@pytest.mark.parametrize(
    ("mask", "size", "words"),
    [
        (box_mask(96, 80, 0, 0, 0, 0), (96, 80), "Nothing is masked"),
        (box_mask(96, 81, 0, 0, 9, 9), (96, 80), "as large as the picture"),
        (box_mask(96, 80, 0, 0, 9, 9), (64, 64), "ask for the picture's own size"),
        (shaded(96, 80, 3), (96, 80), "grey values"),
    ],
)
def test_masks_that_do_not_fit_are_refused(
    paint: Paint, mask: Picture, size: tuple[int, int], words: str
) -> None:
    with pytest.raises(RequestError, match=words):
        paint(inpaint(mask, *size), attach([SOURCE, mask]))


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


def test_long_shapes_are_painted_no_longer_than_models_can(paint: Paint, model: ModelInfo) -> None:
    _, family = paint(words(4096, 64))
    extent = family.briefs[0].extent
    assert extent.aspect <= 6
    assert extent.area <= 2 * model.native_size**2


def guided_by(picture: Picture, preprocessor: str = "") -> Control:
    return Control(picture=picture.digest, adapter="edges", preprocessor=preprocessor)


def test_what_guides_lies_where_the_model_sees_what_it_paints(paint: Paint) -> None:
    edges = adapter_info(Path("edges"), "controlnet", "kandinsky22")
    shapes, mask = shaded(300, 90, seed=1), box_mask(96, 80, 10, 10, 60, 50)
    common: dict[str, Any] = {"model": "tiny", "prompt": "x", "seed": 1, "width": 96, "height": 80}
    source = {**common, "source": SOURCE.digest, "controls": (guided_by(SOURCE),)}
    requests: list[Generation] = [
        TextToImage(**common, controls=(guided_by(shapes),)),
        ImageToImage(**source),
        Inpaint(**source, mask=mask.digest, fill="none"),
    ]
    for request in requests:
        _, family = paint(request, attach([SOURCE, mask, shapes]), adapters={"edges": edges})
        [brief] = family.briefs
        [control] = brief.controls
        assert control.adapter is edges
        assert control.pixels.shape[:2] == (brief.extent.height, brief.extent.width)
        if not isinstance(request, TextToImage):
            assert family.seen is not None
            assert np.array_equal(control.pixels, family.seen)


FOLLOWING = TextToImage(
    model="tiny",
    prompt="x",
    seed=1,
    count=2,
    width=64,
    height=64,
    controls=(guided_by(SOURCE, "pose"),),
)
POSES = adapter_info(Path("edges"), "controlnet", "kandinsky22", title="Poses")
SEER = adapter_info(Path("seer"), "estimator", ANY_FAMILY, preprocessor="pose")


def test_what_nothing_here_makes_of_a_picture_is_told_once(paint: Paint) -> None:
    desk, family = paint(FOLLOWING, attach([SOURCE]), adapters={"edges": POSES})
    [note] = of_kind(desk.events, Note)
    assert note.message.startswith("Poses reads a pose picture")
    assert "install" not in note.message
    assert family.briefs[0].controls[0].pixels.any()


def test_an_estimator_that_could_make_it_is_named(paint: Paint) -> None:
    desk, _ = paint(
        FOLLOWING,
        attach([SOURCE]),
        adapters={"edges": POSES},
        estimators={"pose": replace(SEER, installed=False)},
        estimate=lambda _, pixels, aide: np.zeros_like(pixels),
    )
    [note] = of_kind(desk.events, Note)
    assert note.message.endswith("install Seer with sfumato models install seer.")


def test_an_estimator_looks_once_at_what_the_model_sees_of_a_picture(paint: Paint) -> None:
    looked: list[tuple[str, tuple[int, ...]]] = []

    def estimate(adapter: AdapterInfo, pixels: Pixels, aide: AdapterInfo | None) -> Pixels:
        assert aide is None
        looked.append((adapter.id, pixels.shape))
        return np.full_like(pixels, 7)

    desk, family = paint(
        FOLLOWING,
        attach([SOURCE]),
        adapters={"edges": POSES},
        estimators={"pose": SEER},
        estimate=estimate,
    )
    extent = family.briefs[0].extent
    assert looked == [("seer", (extent.height, extent.width, 3))]
    assert not of_kind(desk.events, Note)
    for brief in family.briefs:
        [control] = brief.controls
        assert (control.pixels == 7).all()
        assert control.preprocessor == ""


@pytest.mark.parametrize("installed", [True, False])
def test_an_estimators_aide_helps_it_or_is_named(paint: Paint, installed: bool) -> None:
    aides: list[AdapterInfo | None] = []

    def estimate(_: AdapterInfo, pixels: Pixels, aide: AdapterInfo | None) -> Pixels:
        aides.append(aide)
        return pixels

    finder = replace(SEER, id="finder", title="Finder", preprocessor="people", installed=installed)
    desk, _ = paint(
        FOLLOWING,
        attach([SOURCE]),
        adapters={"edges": POSES},
        estimators={"pose": SEER, "people": finder},
        estimate=estimate,
    )
    assert aides == [finder if installed else None]
    messages = [note.message for note in of_kind(desk.events, Note)]
    assert len(messages) == (0 if installed else 1)
    assert all("install Finder with sfumato models install finder" in each for each in messages)
