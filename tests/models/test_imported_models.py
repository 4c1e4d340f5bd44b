"""What was imported is loaded by the engine and paints."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.generation.catalog import Catalog, ModelInfo, load_catalog
from studio.models.importing import Importer, Wish
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.tiny_family import brief_for, loaded, saved_models


def imported(folder: Path, path: Path, copy: bool) -> ModelInfo:
    """The model that a folder becomes."""
    (folder / "models.toml").touch()

    def catalog() -> Catalog:
        nowhere = folder / "nowhere"
        return load_catalog(folder / "models.toml", nowhere, nowhere, folder)

    importer = Importer(folder / "models", catalog())
    [item] = importer.import_paths([path], Wish(copy=copy), lambda _: None)
    return catalog().get(item.id)


@pytest.mark.parametrize(
    ("family", "copy"), [("stable_diffusion", True), ("flux", False), ("z_image", True)]
)
def test_an_imported_folder_paints(tmp_path: Path, family: str, copy: bool) -> None:
    [original, *_] = saved_models(tmp_path / "theirs", family).models
    folder = next(part.path for part in original.parts if part.role == "pipeline")
    model = imported(tmp_path, folder, copy)
    assert model.family == family
    assert set(model.tasks) <= set(original.tasks) | {"variation"}
    brief = brief_for(original)
    picture = loaded(model).text_to_image(brief, RecordingDesk())
    assert picture.shape == (brief.extent.height, brief.extent.width, 3)
