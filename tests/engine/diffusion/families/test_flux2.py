"""FLUX.2 against the stock pipelines, which load the very same folders."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diffusers import Flux2KleinPipeline, Flux2Pipeline
from PIL import Image

from studio.core.errors import ModelError
from studio.engine.diffusion.bases.family import Brief
from studio.engine.protocol import Note
from studio.generation.catalog import Catalog, InstalledPart, ModelInfo
from tests.helpers.engine_runs import RecordingDesk, of_kind, shaded
from tests.helpers.tiny_family import (
    SIDE,
    SOURCE,
    brief_for,
    farthest,
    loaded,
    saved_models,
    stock_picture,
)

KINDS = {
    "tiny-flux2": Flux2KleinPipeline,
    "tiny-flux2-distilled": Flux2KleinPipeline,
    "tiny-flux2-dev": Flux2Pipeline,
}
OTHER = shaded(2 * SIDE, SIDE + 16, 5).rgb()


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("flux2"), "flux2")


@pytest.fixture(scope="module")
def klein(catalog: Catalog) -> Any:
    return loaded(catalog.get("tiny-flux2"))


def told(brief: Brief) -> dict[str, Any]:
    return {"prompt": brief.prompt, "guidance_scale": brief.guidance}


@pytest.mark.parametrize("name", KINDS)
def test_a_picture_from_words_is_the_stock_pipelines(catalog: Catalog, name: str) -> None:
    model = catalog.get(name)
    brief = brief_for(model, guidance=3.0)
    theirs = stock_picture(KINDS[name], folder_of(model), told(brief))
    ours = loaded(model).text_to_image(brief, RecordingDesk())
    assert farthest(ours, theirs) <= 1


@pytest.mark.parametrize("name", KINDS)
def test_an_edit_is_the_stock_pipelines(catalog: Catalog, name: str) -> None:
    """The second picture has another size."""
    model = dataclasses.replace(catalog.get(name), native_size=256)
    brief = brief_for(model, guidance=3.0)
    shown = {"image": [Image.fromarray(SOURCE), Image.fromarray(OTHER)]}
    theirs = stock_picture(KINDS[name], folder_of(model), told(brief) | shown)
    ours = loaded(model).edit(brief, [SOURCE, OTHER], RecordingDesk())
    assert farthest(ours, theirs) <= 1


def test_what_is_looked_at_matters_and_so_does_its_place(klein: Any, catalog: Catalog) -> None:
    brief = brief_for(catalog.get("tiny-flux2"), steps=4)
    pictures = [shaded(SIDE, SIDE, seed).rgb() for seed in (1, 2)]
    results = [
        klein.edit(brief, sources, RecordingDesk())
        for sources in ([pictures[0]], [pictures[1]], pictures, pictures[::-1])
    ]
    assert len({pixels.tobytes() for pixels in results}) == 4


def test_a_variation_goes_by_the_source_even_where_nothing_of_its_layout_is_left(
    klein: Any, catalog: Catalog
) -> None:
    brief = brief_for(catalog.get("tiny-flux2"), prompt="")
    first, same, other = (
        klein.variation(brief, source, 1.0, RecordingDesk())
        for source in (SOURCE, SOURCE, shaded(SIDE, SIDE, 5).rgb())
    )
    assert (first == same).all()
    assert (first != other).any()


@pytest.mark.parametrize("shape", [(5, 300, 3), (400, 36, 3), (900, 900, 3)])
def test_pictures_of_any_size_are_looked_at(
    klein: Any, catalog: Catalog, shape: tuple[int, int, int]
) -> None:
    brief = brief_for(catalog.get("tiny-flux2"))
    edited = klein.edit(brief, [SOURCE, np.resize(OTHER, shape)], RecordingDesk())
    assert edited.shape == SOURCE.shape


@pytest.mark.parametrize("name", ["tiny-flux2-distilled", "tiny-flux2-dev"])
def test_a_negative_prompt_that_is_not_read_is_told(catalog: Catalog, name: str) -> None:
    model, desk = catalog.get(name), RecordingDesk()
    family = loaded(model)
    with_it = family.text_to_image(brief_for(model, negative_prompt="rain"), desk)
    [note] = of_kind(desk.events, Note)
    assert "no negative prompt" in note.message
    assert (with_it == family.text_to_image(brief_for(model), RecordingDesk())).all()


def test_klein_with_guidance_reads_a_negative_prompt(klein: Any, catalog: Catalog) -> None:
    model, desk = catalog.get("tiny-flux2"), RecordingDesk()
    with_it = klein.text_to_image(brief_for(model, negative_prompt="rain", steps=4), desk)
    assert of_kind(desk.events, Note) == []
    assert (with_it != klein.text_to_image(brief_for(model, steps=4), RecordingDesk())).any()


def test_a_folder_of_another_pipeline_is_named(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    model = catalog.get("tiny-flux2")
    wrong = InstalledPart("pipeline", tmp_path, model.parts[0].source)
    with pytest.raises(ModelError, match="holds a FluxPipeline where a Flux2KleinPipeline or"):
        loaded(dataclasses.replace(model, parts=(wrong,)))


def folder_of(model: ModelInfo) -> Path:
    return model.parts[0].path
