"""What a request puts on its model, and what it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.core.errors import KnownError
from studio.engine.diffusion.adapters.outfit import Outfit, outfit_of
from studio.generation.catalog import AdapterInfo, Catalog, ModelInfo
from studio.generation.catalog_entries import ANY_FAMILY
from studio.generation.request import (
    Control,
    Generation,
    InstructionEdit,
    Lora,
    Ranking,
    Reference,
    TextToImage,
)
from tests.helpers.adapters import adapter_info

FAMILY = "stable_diffusion"
ADAPTERS = [
    adapter_info(Path("edges"), "controlnet", FAMILY),
    adapter_info(Path("style"), "ip_adapter", FAMILY),
    adapter_info(Path("away"), "controlnet", FAMILY, installed=False),
    adapter_info(Path("far"), "controlnet", "flux"),
    adapter_info(Path("far-style"), "ip_adapter", "flux"),
    adapter_info(Path("far-edges"), "controlnet", "stable_diffusion_3"),
    adapter_info(Path("farther"), "controlnet", "flux2"),
    adapter_info(Path("farthest"), "ip_adapter", "flux2"),
    adapter_info(Path("glow.safetensors"), "textual_inversion", FAMILY, trigger="glow"),
    adapter_info(Path("dim.safetensors"), "textual_inversion", FAMILY, trigger="dim"),
    adapter_info(Path("flow.safetensors"), "textual_inversion", "flux", trigger="glow"),
    adapter_info(Path("mute.safetensors"), "textual_inversion", FAMILY),
]


@pytest.fixture
def model(tiny_catalog: Catalog) -> ModelInfo:
    return replace(tiny_catalog.get("tiny"), family=FAMILY)


def asked(**changes: Any) -> TextToImage:
    values: dict[str, Any] = {"model": "tiny", "prompt": "a cat", "seed": 1}
    return TextToImage(**(values | {"width": 64, "height": 64} | changes))


def outfit(request: Generation | Ranking, model: ModelInfo) -> Outfit:
    return outfit_of(request, model, lambda: Catalog([model], ADAPTERS))


def test_those_that_look_at_pictures_are_found_by_their_ids(model: ModelInfo) -> None:
    controls = (Control(picture="p", adapter="edges"), Control(picture="q", adapter="edges"))
    references = (Reference(picture="p", adapter="style"),)
    found = outfit(asked(controls=controls, references=references), model)
    assert found.guides == {"edges": ADAPTERS[0], "style": ADAPTERS[1]}


def test_what_sees_for_a_control_is_found_by_what_it_makes(model: ModelInfo) -> None:
    seers = [
        adapter_info(
            Path(name), "estimator", ANY_FAMILY, preprocessor=made, installed=name != "coming"
        )
        for name, made in (
            *(("coming", "depth"), ("first", "depth"), ("second", "depth")),
            ("poser", "pose"),
        )
    ]

    def seers_for(preprocessor: str, known: list[AdapterInfo]) -> Mapping[str, AdapterInfo]:
        control = Control(picture="p", adapter="edges", preprocessor=preprocessor)
        catalog = Catalog([model], [*ADAPTERS, *known])
        return outfit_of(asked(controls=(control,)), model, lambda: catalog).estimators

    assert seers_for("depth", seers) == {"depth": seers[1]}
    assert seers_for("depth", seers[:1]) == {"depth": seers[0]}
    assert seers_for("canny", seers) == {}
    assert seers_for("", seers) == {}


@pytest.mark.parametrize(
    ("prompt", "negative", "words"),
    [
        ("a Glow", "", ["glow"]),
        ("a cat", "dim, dark", ["dim"]),
        ("glowing, dimmed", "", []),
        ("glow", "dim", ["glow", "dim"]),
    ],
)
def test_words_are_called_up_by_either_prompt(
    model: ModelInfo, prompt: str, negative: str, words: list[str]
) -> None:
    found = outfit(asked(prompt=prompt, negative_prompt=negative), model)
    assert [word.id for word in found.words] == words


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"controls": (Control(picture="p", adapter="nowhere"),)}, "nowhere"),
        ({"controls": (Control(picture="p", adapter="away"),)}, "Away is not in"),
        ({"controls": (Control(picture="p", adapter="far"),)}, "models of the family flux"),
        (
            {"controls": (Control(picture="p", adapter="style"),)},
            "Style is no ControlNet but an IP-Adapter: choose a ControlNet",
        ),
        (
            {"references": (Reference(picture="p", adapter="edges"),)},
            "Edges is no IP-Adapter but a ControlNet: choose an IP-Adapter",
        ),
        ({"references": (Reference(picture="p"),)}, "choose an IP-Adapter"),
        ({"loras": (Lora(adapter="glow"),)}, "is no LoRA but a textual inversion"),
    ],
)
def test_what_cannot_be_put_on_is_refused_in_a_sentence(
    model: ModelInfo, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(KnownError, match=says):
        outfit(asked(**changes), model)


def test_families_that_nothing_guides_say_so(model: ModelInfo) -> None:
    request = asked(controls=(Control(picture="p", adapter="farther"),))
    with pytest.raises(KnownError, match="a ControlNet guides only models of"):
        outfit(request, replace(model, family="flux2"))
    request = asked(references=(Reference(picture="p", adapter="farthest"),))
    with pytest.raises(KnownError, match="an IP-Adapter guides only models of"):
        outfit(request, replace(model, family="flux2"))


@pytest.mark.parametrize(
    ("adapter", "family"), [("far", "flux"), ("far-edges", "stable_diffusion_3")]
)
def test_transformers_are_guided_too(model: ModelInfo, adapter: str, family: str) -> None:
    request = asked(controls=(Control(picture="p", adapter=adapter),))
    assert list(outfit(request, replace(model, family=family)).guides) == [adapter]


def test_the_list_is_not_read_where_nothing_can_be_on_it(model: ModelInfo) -> None:
    def read() -> Catalog:
        raise AssertionError("read")

    ranking = Ranking(model="tiny", prompt="x", pictures=("p",))
    assert outfit_of(ranking, model, read) == Outfit()
    assert outfit_of(asked(), replace(model, family="flux"), read) == Outfit()


def test_editors_are_shown_references_themselves(model: ModelInfo) -> None:
    edit = InstructionEdit(
        model="tiny",
        prompt="x",
        seed=1,
        width=64,
        height=64,
        source="s",
        references=(Reference(picture="p"),),
    )
    assert outfit(edit, model) == Outfit()
