"""Words that count more or less than others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.generation.prompt import STEP, Span, weighted

BRACKETS = "()[]\\"
PROMPTS = st.text(alphabet="ab ()[]:\\.,1230", max_size=40)


def escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in BRACKETS else letter for letter in text)


@pytest.mark.parametrize(
    ("prompt", "spans"),
    [
        ("", []),
        ("a red boat", [("a red boat", 1.0)]),
        ("a (red) boat", [("a ", 1.0), ("red", 1.1), (" boat", 1.0)]),
        ("a [red] boat", [("a ", 1.0), ("red", 1 / 1.1), (" boat", 1.0)]),
        ("a (red:1.3) boat", [("a ", 1.0), ("red", 1.3), (" boat", 1.0)]),
        ("(red : .5)", [("red ", 0.5)]),
        ("((red) boat)", [("red", 1.1 * 1.1), (" boat", 1.1)]),
        ("([red:0.5])", [("red:0.5", 1.0)]),
        (r"a \(red\) boat", [("a (red) boat", 1.0)]),
        ("a (red boat", [("a ", 1.0), ("red boat", 1.1)]),
        ("a red) boat", [("a red) boat", 1.0)]),
        ("at 10:30", [("at 10:30", 1.0)]),
        ("at 10:30)", [("at 10:30)", 1.0)]),
        ("a () b", [("a  b", 1.0)]),
    ],
)
def test_brackets_weigh_what_they_hold(prompt: str, spans: list[tuple[str, float]]) -> None:
    found = weighted(prompt)
    assert [span.text for span in found] == [text for text, _ in spans]
    assert [span.weight for span in found] == pytest.approx([weight for _, weight in spans])


@given(PROMPTS)
def test_any_text_is_read_and_neighbours_differ(prompt: str) -> None:
    spans = weighted(prompt)
    assert all(span.text for span in spans)
    assert all(
        one.weight != pytest.approx(other.weight, rel=1e-9)
        for one, other in zip(spans, spans[1:], strict=False)
    )


@given(st.text(alphabet="ab :.,19", max_size=40))
def test_a_text_without_brackets_is_itself(prompt: str) -> None:
    assert weighted(prompt) == ((Span(prompt, 1.0),) if prompt else ())


@given(PROMPTS)
def test_an_escaped_text_is_itself(text: str) -> None:
    assert weighted(escaped(text)) == ((Span(text, 1.0),) if text else ())


@given(PROMPTS)
def test_brackets_around_an_escaped_text_weigh_all_of_it(text: str) -> None:
    [span] = weighted(f"({escaped(text)} word)")
    assert span.text == f"{text} word"
    assert span.weight == pytest.approx(STEP)
