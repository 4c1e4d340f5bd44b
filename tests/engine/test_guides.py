"""What looks at pictures for each family, through the real worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from studio.engine.client import LocalEngine
from studio.engine.protocol import Failed
from studio.engine.wire import Places
from studio.generation.catalog import MODELS_FILE, load_catalog
from studio.generation.catalog_entries import UNION
from studio.generation.request import Control, Guide, Reference, TextToImage, attach
from tests.helpers.adapters import adapter_table
from tests.helpers.engine_runs import of_kind, pictures_of, run_job, shaded
from tests.helpers.tiny import sana, save_models
from tests.helpers.tiny.guides import (
    save_controlnet_union,
    save_flux_controlnet,
    save_flux_ip_adapter,
    save_qwen_controlnet,
    save_sana_controlnet,
    save_sd3_ip_adapter,
    save_z_image_controlnet,
)
from tests.helpers.tiny_family import loaded

pytestmark = pytest.mark.engine

SOURCE = shaded(64, 64)
PICTURES = attach([SOURCE])
MODELS = {
    "flux": "tiny-flux",
    "stable_diffusion_xl": "tiny-xl",
    "stable_diffusion_3": "tiny-sd3",
    "qwen_image": "tiny-qwen",
    "sana": "tiny-sana",
    "z_image": "tiny-z",
}


def flux_union(transformer: Any, folder: Path, seed: int) -> Path:
    return save_flux_controlnet(transformer, folder, seed=seed, num_mode=7)


NETS: dict[str, Callable[..., Path]] = {
    "flux": flux_union,
    "stable_diffusion_xl": save_controlnet_union,
    "qwen_image": save_qwen_controlnet,
    "sana": save_sana_controlnet,
    "z_image": save_z_image_controlnet,
}
UNIONS = ("flux", "stable_diffusion_xl")
STYLES: dict[str, Callable[..., Path]] = {
    "flux": save_flux_ip_adapter,
    "stable_diffusion_3": save_sd3_ip_adapter,
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    """A worker that knows the models, and for each what looks at pictures."""
    folder = tmp_path_factory.mktemp("guides")
    with pytest.MonkeyPatch.context() as patch:
        # Of one block there is none after which a ControlNet's answer could be added.
        patch.setattr(sana, "LAYERS", 2)
        models = save_models(folder / "made", tuple(MODELS))
    places = Places(models, *(folder / name for name in ("resources", "config", "data", "logs")))
    catalog = load_catalog(models, *(folder / name for name in ("resources", "config", "data")))
    tables = []
    for family, model in MODELS.items():
        stock = loaded(catalog.get(model)).pipelines[0]
        denoiser = stock.unet if hasattr(stock, "unet") else stock.transformer
        if family in NETS:
            net = NETS[family](denoiser, folder / f"{family}-net", seed=1)
            reads = {"preprocessor": UNION} if family in UNIONS else {}
            tables.append(adapter_table(net, "controlnet", family, **reads))
        if family in STYLES:
            style = STYLES[family](denoiser, folder / f"{family}-style", seed=1)
            tables.append(adapter_table(style, "ip_adapter", family))
    places.config.mkdir()
    (places.config / MODELS_FILE).write_text("".join(tables), encoding="utf-8")
    with LocalEngine(places) as engine:
        yield engine


def asked(family: str, *guides: Guide) -> TextToImage:
    return TextToImage(
        model=MODELS[family],
        prompt="a red boat",
        seed=5,
        width=SOURCE.width,
        height=SOURCE.height,
        steps=2,
        controls=tuple(each for each in guides if isinstance(each, Control)),
        references=tuple(each for each in guides if isinstance(each, Reference)),
    )


def guides_of(family: str) -> Iterator[Guide]:
    """Each that the family has."""
    if family in NETS:
        yield Control(picture=SOURCE.digest, adapter=f"{family}-net", preprocessor="canny")
    if family in STYLES:
        yield Reference(picture=SOURCE.digest, adapter=f"{family}-style", weight=0.8)


@pytest.mark.parametrize("family", MODELS)
def test_pictures_guide_one_picture_and_not_the_next(engine: LocalEngine, family: str) -> None:
    plain = asked(family)
    [before] = pictures_of(run_job(engine, plain, PICTURES))
    for guide in guides_of(family):
        [guided] = pictures_of(run_job(engine, asked(family, guide), PICTURES))
        assert guided != before
    [after] = pictures_of(run_job(engine, plain, PICTURES))
    assert after == before


@pytest.mark.parametrize("family", UNIONS)
def test_a_controlnet_of_several_kinds_asks_of_which_a_picture_is(
    engine: LocalEngine, family: str
) -> None:
    [control, *_] = guides_of(family)
    unsaid = msgspec.structs.replace(control, preprocessor="")
    [failed] = of_kind(run_job(engine, asked(family, unsaid), PICTURES), Failed)
    assert "say of which this one is" in failed.error.message
    assert not failed.error.is_bug
    there = msgspec.structs.replace(control, preprocessor="", kind="canny")
    [first], [second] = (
        pictures_of(run_job(engine, asked(family, each), PICTURES)) for each in (control, there)
    )
    assert first != second
