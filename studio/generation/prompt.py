"""How strongly the words of a prompt count: the brackets that people know from other programs.

``(word)`` counts 1.1 times, ``[word]`` 1 / 1.1 times, ``(word:1.3)`` 1.3 times; brackets within
brackets multiply. ``\\(``, ``\\)``, ``\\[``, ``\\]`` and ``\\\\`` are the characters themselves. A
bracket that is never closed counts to the end, and one that was never opened is a character.
"""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple

import msgspec

STEP: Final = 1.1
"""By how much a pair of brackets raises or lowers."""

_TOKENS: Final = re.compile(
    r"\\(?P<escaped>[()\[\]\\])"
    r"|(?P<opening>[(\[])"
    r"|:\s*(?P<weight>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)"
    r"|(?P<closing>[)\]])"
    r"|(?P<text>[^\\()\[\]:]+|.)",
    re.DOTALL,
)


class Span(NamedTuple):
    """Neighbouring words that count alike; 1 is as they are, 0 hardly at all."""

    text: str
    weight: float


class _Bracket(msgspec.Struct, frozen=True):
    """One that is open.

    Attributes:
        kind: the character.
        start: the first of the spans inside it.
    """

    kind: str
    start: int


def weighted(prompt: str) -> tuple[Span, ...]:
    """A prompt's words with their weights, in order; none for an empty prompt."""
    parser = _Parser()
    for token in _TOKENS.finditer(prompt):
        parser.take(token)
    return parser.finished()


class _Parser:
    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._open: list[_Bracket] = []

    def take(self, token: re.Match[str]) -> None:
        kind, value = token.lastgroup, token[token.lastgroup or 0]
        if kind == "opening":
            self._open.append(_Bracket(value, len(self._spans)))
        elif kind == "weight" and self._is_open("("):
            self._close(float(value))
        elif kind == "closing" and self._is_open("(" if value == ")" else "["):
            self._close(STEP if value == ")" else 1 / STEP)
        else:
            self._spans.append(Span(value if kind == "escaped" else token[0], 1.0))

    def finished(self) -> tuple[Span, ...]:
        """The spans, those that count alike joined."""
        while self._open:
            self._close(STEP if self._open[-1].kind == "(" else 1 / STEP)
        joined: list[Span] = []
        for span in self._spans:
            if joined and math.isclose(joined[-1].weight, span.weight):
                joined[-1] = Span(joined[-1].text + span.text, span.weight)
            else:
                joined.append(span)
        return tuple(joined)

    def _is_open(self, kind: str) -> bool:
        return bool(self._open) and self._open[-1].kind == kind

    def _close(self, factor: float) -> None:
        start = self._open.pop().start
        self._spans[start:] = [
            Span(span.text, span.weight * factor) for span in self._spans[start:]
        ]
