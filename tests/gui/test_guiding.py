"""Guiding pictures on their way from the panel into requests, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio import paths
from studio.core.errors import KnownError
from studio.files.writing import write_picture
from studio.gallery import names
from studio.generation.request import Control, Reference, TextToImage
from studio.generation.task import Task
from studio.gui.guiding import chosen_by, guides_of
from studio.gui.settings import GuideSettings
from tests.helpers.adapters import adapter_info
from tests.helpers.pictures import noise

ADAPTERS = [
    adapter_info(Path("edges"), "controlnet", "stable_diffusion"),
    adapter_info(Path("style"), "ip_adapter", "stable_diffusion"),
]


def test_each_becomes_what_its_adapter_is(tmp_path: Path) -> None:
    picture, file = noise(9, 7), tmp_path / "noise.png"
    write_picture(file, picture)
    chosen = [
        GuideSettings(adapter="edges", begin=0.2, end=0.5, preprocessor="canny"),
        GuideSettings(adapter="style", picture=str(file), weight=0.4),
    ]
    canvas, shown = guides_of(chosen, ADAPTERS, Task.TEXT_TO_IMAGE)
    assert canvas.picture is None
    assert canvas.guide == Control(
        picture="", adapter="edges", begin=0.2, end=0.5, preprocessor="canny"
    )
    assert shown.picture == picture
    assert shown.guide == Reference(picture="", adapter="style", weight=0.4)


def test_what_is_shown_to_the_model_itself_counts_only_in_edits() -> None:
    chosen = [GuideSettings()]
    assert list(guides_of(chosen, ADAPTERS, Task.INPAINT)) == []
    [guide] = guides_of(chosen, ADAPTERS, Task.EDIT)
    assert guide.guide == Reference(picture="")


@pytest.mark.parametrize(
    ("guide", "says"),
    [
        (GuideSettings(adapter="gone"), "gone is not on this computer"),
        (GuideSettings(adapter="edges", picture="/nowhere/boat.png"), "boat.png"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(guide: GuideSettings, says: str) -> None:
    with pytest.raises(KnownError, match=says):
        list(guides_of([guide], ADAPTERS, None))


def test_a_requests_guides_come_back_with_the_pictures_that_the_gallery_keeps() -> None:
    picture = noise(9, 7)
    control = Control(picture=picture.digest, adapter="edges", weight=0.5, preprocessor="canny")
    union = Control(picture=picture.digest, adapter="edges", kind="pose")
    request = TextToImage(
        model="m",
        prompt="x",
        seed=1,
        width=64,
        height=64,
        controls=(control, union),
        references=(Reference(picture=picture.digest, adapter="style", end=0.3),),
    )
    file = paths.gallery() / names.input_path(picture.digest)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_picture(file, picture)
    first, several, second = guides_of(chosen_by(request), ADAPTERS, None)
    assert (first.picture, second.picture) == (picture, picture)
    assert several.guide == Control(picture="", adapter="edges", kind="pose")
    assert first.guide == Control(picture="", adapter="edges", weight=0.5, preprocessor="canny")
    assert second.guide == Reference(picture="", adapter="style", end=0.3)
