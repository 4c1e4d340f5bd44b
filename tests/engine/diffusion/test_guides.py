"""The pictures that guide a request."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.core.picture import Pixels
from studio.engine.protocol import Note
from studio.generation.catalog import AdapterInfo
from studio.generation.catalog_entries import ANY_FAMILY
from studio.generation.request import Generation, ImageToImage, Inpaint, TextToImage, attach
from tests.helpers.adapters import adapter_info
from tests.helpers.copyist import SOURCE, Paint, guided_by
from tests.helpers.engine_runs import box_mask, of_kind, shaded


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
