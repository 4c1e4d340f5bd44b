"""LoRAs named in prompts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import RequestError
from studio.generation.adapters import Tag, loras_named, with_tags, without_tags
from studio.generation.catalog import AdapterInfo
from studio.generation.catalog_entries import Source
from studio.generation.request import Lora


def lora(name: str, family: str = "stable_diffusion", **changes: object) -> AdapterInfo:
    values: dict[str, object] = {
        "id": name,
        "title": name.title(),
        "kind": "lora",
        "family": family,
        "path": Path(f"/loras/{name}_v1.safetensors"),
        "installed": True,
        "licence": "",
        "licence_url": "",
        "source": Source(path="x"),
    }
    return AdapterInfo(**(values | changes))  # type: ignore[arg-type]


INK, CHALK = lora("ink"), lora("chalk", weight=0.6)


@pytest.mark.parametrize(
    ("prompt", "read", "tags"),
    [
        ("a cat", "a cat", []),
        ("a cat <lora:ink:0.8>", "a cat", [Tag("ink", 0.8)]),
        ("<lora:ink>a  cat", "a cat", [Tag("ink", None)]),
        ("a <LORA:My Ink:-1> cat <lora:chalk:.5>", "a cat", [Tag("My Ink", -1), Tag("chalk", 0.5)]),
        ("a < b and <lora> stay", "a < b and <lora> stay", []),
        ("a cat <lora::1>", "a cat", [Tag("", 1.0)]),
    ],
)
def test_tags_are_taken_out_of_the_words(prompt: str, read: str, tags: list[Tag]) -> None:
    assert without_tags(prompt) == (read, tags)


@given(st.text(max_size=60).filter(lambda text: "<lora:" not in text.lower()))
def test_a_prompt_without_tags_stays_as_it_is(prompt: str) -> None:
    assert without_tags(prompt) == (prompt, [])


def test_loras_are_written_back_into_the_prompt_that_named_them() -> None:
    loras = (Lora(adapter="ink", weight=0.85), Lora(adapter="chalk", weight=-1))
    prompt = with_tags("a cat", loras)
    assert prompt == "a cat <lora:ink:0.85> <lora:chalk:-1>"
    words, tags = without_tags(prompt)
    assert (words, loras_named(tags, [INK, CHALK], "stable_diffusion")) == ("a cat", loras)
    assert with_tags("a cat", ()) == "a cat"


@pytest.mark.parametrize("weight", ["strong", "", "nan", "inf"])
def test_a_weight_that_is_no_number_is_told(weight: str) -> None:
    with pytest.raises(RequestError, match="is no number: write a weight such as 0.8"):
        without_tags(f"a cat <lora:ink:{weight}>")


@pytest.mark.parametrize("name", ["ink", "INK", "Ink", "ink_v1"])
def test_a_lora_goes_by_its_id_its_title_and_its_file(name: str) -> None:
    assert loras_named([Tag(name, 0.5)], [INK, CHALK], "stable_diffusion") == (
        Lora(adapter="ink", weight=0.5),
    )


def test_without_a_weight_it_has_its_own_and_the_last_of_two_counts() -> None:
    tags = [Tag("ink", 0.2), Tag("chalk", None), Tag("ink", 0.9)]
    assert loras_named(tags, [INK, CHALK], "stable_diffusion") == (
        Lora(adapter="ink", weight=0.9),
        Lora(adapter="chalk", weight=0.6),
    )


def test_of_two_with_one_name_the_one_for_the_model_is_meant() -> None:
    both = [lora("ink-sd", title="Ink"), lora("ink-xl", "stable_diffusion_xl", title="Ink")]
    [meant] = loras_named([Tag("ink", 1.0)], both, "stable_diffusion_xl")
    assert meant.adapter == "ink-xl"


def test_an_unknown_name_is_told_with_those_near_it() -> None:
    with pytest.raises(RequestError, match=r"no LoRA 'chalks': did you mean chalk\?"):
        loras_named([Tag("chalks", 1.0)], [INK, CHALK], "stable_diffusion")
    with pytest.raises(RequestError, match="import it first"):
        loras_named([Tag("zzzzzz", 1.0)], [lora("ink", kind="vae")], "stable_diffusion")
