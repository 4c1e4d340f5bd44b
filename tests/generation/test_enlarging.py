"""By what pictures are enlarged, and the requests for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.errors import KnownError, ModelError
from studio.generation.catalog import Catalog, load_catalog
from studio.generation.enlarging import (
    default_upscaler,
    find_upscaler,
    upscale_request,
    upscalers_of,
)
from tests.helpers.pictures import smooth

LIST = """
[[model]]
id = "starter"
title = "Starter"
family = "kandinsky22"
tasks = ["text_to_image"]
license = "MIT"
native_size = 128
memory = { full = 1.0, offload = 1.0 }
parts = [{ role = "decoder", path = "decoder" }, { role = "upscaler", path = "own" }]

[[adapter]]
id = "ultra"
title = "Ultra"
kind = "upscaler"
family = "any"
license = "MIT"
path = "ultra.safetensors"
scale = 4

[[adapter]]
id = "listed"
title = "Listed"
kind = "upscaler"
family = "any"
license = "MIT"
hub = "somebody/listed"
files = ["listed.safetensors"]

[[adapter]]
id = "ink"
title = "Ink"
kind = "lora"
family = "flux"
license = "MIT"
path = "ink.safetensors"
"""


def catalog_of(folder: Path, *files: str) -> Catalog:
    (folder / "models.toml").write_text(LIST)
    for name in files:
        path = folder / "data" / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}")
    return load_catalog(folder / "models.toml", folder, folder / "config", folder / "data")


OWN = ("own/config.json", "decoder/config.json")
ULTRA = "ultra.safetensors"


def test_what_people_have_chosen_comes_before_what_models_have(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *OWN, ULTRA)
    assert [upscaler.id for upscaler in upscalers_of(catalog)] == ["ultra", "starter"]
    assert default_upscaler(catalog).scale == 4
    assert find_upscaler(catalog, "starter").part.path.name == "own"


def test_only_what_is_installed_enlarges(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, *OWN)
    assert default_upscaler(catalog).id == "starter"
    with pytest.raises(ModelError, match="Ultra is not in .*ultra.safetensors: connect the drive"):
        find_upscaler(catalog, "ultra")
    with pytest.raises(ModelError, match="Listed is not installed: install it with"):
        find_upscaler(catalog, "listed")
    with pytest.raises(ModelError, match="There is no upscaler: import one"):
        default_upscaler(Catalog([]))


@pytest.mark.parametrize(
    ("name", "says"), [("ink", "is no upscaler but a LoRA"), ("none", "There is no model")]
)
def test_what_is_none_is_refused(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(KnownError, match=says):
        find_upscaler(catalog_of(tmp_path, "ink.safetensors"), name)


def test_a_request_asks_for_the_picture_so_many_times_as_large(tmp_path: Path) -> None:
    picture, upscaler = smooth(30, 20), default_upscaler(catalog_of(tmp_path, ULTRA))
    request, attachments = upscale_request(picture, 4, upscaler, "a boat")
    assert (request.extent, request.model, request.prompt) == ((120, 80), "ultra", "a boat")
    assert attachments[request.source] == picture


def test_even_a_single_pixel_is_enlarged(tmp_path: Path) -> None:
    request, _ = upscale_request(smooth(1, 1), 2, default_upscaler(catalog_of(tmp_path, ULTRA)))
    assert request.extent == (2, 2)
