from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import RequestError
from studio.generation.request import (
    MAX_LORAS,
    MAX_SEED,
    Control,
    ImageToImage,
    Inpaint,
    InstructionEdit,
    Lora,
    Ranking,
    Reference,
    Request,
    TextToImage,
    Upscale,
    Variation,
    from_json,
    to_json,
)

digests = st.text("0123456789abcdef", min_size=64, max_size=64)
common: dict[str, st.SearchStrategy[Any]] = {
    "model": st.text(min_size=1, max_size=20),
    "prompt": st.text(min_size=1, max_size=50).filter(lambda text: bool(text.strip())),
    "negative_prompt": st.text(max_size=50),
    "seed": st.integers(0, MAX_SEED),
    "count": st.integers(1, 10),
    "width": st.integers(16, 4096),
    "height": st.integers(16, 4096),
    "steps": st.none() | st.integers(1, 500),
    "guidance": st.none() | st.floats(0, 100),
    "scheduler": st.none() | st.just("ddim"),
    "rank": st.booleans(),
    "loras": st.lists(
        st.builds(Lora, adapter=st.just("ink"), weight=st.floats(-4, 4)), max_size=3
    ).map(tuple),
    "controls": st.lists(
        st.builds(
            Control,
            picture=digests,
            adapter=st.just("canny"),
            begin=st.floats(0, 0.5),
            end=st.floats(0.5, 1),
        ),
        max_size=2,
    ).map(tuple),
    "references": st.lists(
        st.builds(Reference, picture=digests, weight=st.floats(0, 2)), max_size=2
    ).map(tuple),
}
strengths = st.floats(0, 1)
requests: st.SearchStrategy[Request] = st.one_of(
    st.builds(TextToImage, **common),
    st.builds(ImageToImage, source=digests, strength=strengths, **common),
    st.builds(Inpaint, source=digests, mask=digests, feather=st.integers(0, 512), **common),
    st.builds(Variation, source=digests, strength=strengths, **common),
    st.builds(InstructionEdit, source=digests, **common),
    st.builds(
        Ranking,
        model=st.just("starter"),
        prompt=common["prompt"],
        pictures=st.lists(digests, min_size=1).map(tuple),
    ),
    st.builds(
        Upscale,
        model=common["model"],
        source=digests,
        width=st.integers(1, 16_384),
        height=st.integers(1, 9000),
        prompt=st.text(max_size=50),
    ),
)


def boat(**changes: object) -> TextToImage:
    values: dict[str, Any] = {
        "model": "starter",
        "prompt": "a red boat",
        "seed": 1,
        "width": 256,
        "height": 256,
        **changes,
    }
    return TextToImage(**values)


@pytest.mark.parametrize(
    ("width", "height", "says"),
    [
        (16_385, 16, "would be 16385x16: enlarge it to at most 16384 pixels a side"),
        (16, 0, "would be 16x0"),
        (16_000, 16_000, "150 million in all"),
    ],
)
def test_a_picture_is_enlarged_to_what_can_be_held(width: int, height: int, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        Upscale(model="ultra", source="a", width=width, height=height)


@given(requests)
def test_a_request_comes_back_from_json_as_it_went(request: Request) -> None:
    assert from_json(to_json(request)) == request


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": -1}, "seed is -1: choose one from 0 to 4294967295"),
        ({"width": 0}, "width is 0: choose one from 16 to 4096"),
        ({"height": 100_000}, "height is 100000"),
        ({"width": 1}, "width is 1"),
        ({"count": 0}, "number of pictures is 0"),
        ({"count": 11}, "choose one from 1 to 10"),
        ({"steps": 0}, "number of steps is 0"),
        ({"guidance": float("nan")}, "guidance is nan"),
        ({"prompt": " \n"}, "The prompt is empty"),
        ({"prompt": "x" * 32_001}, "shorten it to 32000"),
        ({"prompt": "a fox \ud83e"}, "prompt holds half of a character"),
        ({"negative_prompt": "\udca4"}, "negative prompt holds half of a character"),
    ],
)
def test_values_out_of_range_are_refused_with_a_sentence(
    change: dict[str, object], says: str
) -> None:
    with pytest.raises(RequestError, match=says):
        boat(**change)


def test_odd_sizes_and_long_prompts_are_welcome() -> None:
    assert boat(width=333, height=17, prompt="🦊 " * 5000).extent == (333, 17)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"task": "dance"}',
        '{"task": "text_to_image", "model": "starter"}',
        "\x00",
        b'{"task": "text_to_image", "model": "\xff"}',
    ],
)
def test_what_is_no_request_is_refused(text: str | bytes) -> None:
    with pytest.raises(RequestError, match="not a generation request"):
        from_json(text)


def test_a_value_out_of_range_is_refused_from_json_too() -> None:
    text = to_json(boat()).replace(b'"width":256', b'"width":0')
    with pytest.raises(RequestError, match="width is 0"):
        from_json(text)


def test_candidates_count_their_seeds_on_and_wrap() -> None:
    assert [boat(seed=7).seed_of(k) for k in range(3)] == [7, 8, 9]
    assert boat(seed=MAX_SEED).seed_of(1) == 0


def test_a_ranking_needs_words_and_pictures() -> None:
    with pytest.raises(RequestError, match="rank the pictures by"):
        Ranking(model="starter", prompt="", pictures=("a",))
    with pytest.raises(RequestError, match="no picture"):
        Ranking(model="starter", prompt="a cat", pictures=())


def test_pictures_that_guide_are_needed_like_the_source() -> None:
    edit = InstructionEdit(
        model="any",
        prompt="make the sky pink",
        seed=1,
        width=64,
        height=64,
        source="a",
        controls=(Control(picture="b", adapter="canny"),),
        references=(Reference(picture="c"),),
    )
    assert edit.needs == ("a", "b", "c")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Lora(adapter="ink", weight=5), "weight of ink is 5"),
        (lambda: Control(picture="a", adapter="canny", weight=-1), "weight of a picture is -1"),
        (lambda: Control(picture="a", adapter="canny", begin=0.6, end=0.5), "end is 0.5"),
        (lambda: boat(loras=(Lora(adapter="ink"),) * (MAX_LORAS + 1)), "number of LoRAs is 17"),
    ],
)
def test_adapters_have_their_ranges(make: Callable[[], object], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        make()


def test_an_edit_without_an_instruction_is_refused() -> None:
    with pytest.raises(RequestError, match="write what should change"):
        InstructionEdit(model="any", prompt=" ", seed=1, width=64, height=64, source="a")
