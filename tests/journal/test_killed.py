"""A hand that paints is killed at random moments: at most one second of its painting is lost.

``python -m tests.bench.kills`` does so fifty times.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.helpers.kills import Killer, killer

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with killer(tmp_path_factory.mktemp("journals")) as found:
        yield found


@pytest.mark.parametrize("seed", range(10))
def test_at_most_a_second_of_painting_is_lost(hands: Killer, seed: int) -> None:
    outcome = hands.kill(seed)
    assert outcome.lost is not None, "what came back was never there"
    assert outcome.lost <= 1.0
