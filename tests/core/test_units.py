from __future__ import annotations

import pytest

from studio.core.units import file_size


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 kB"),
        (627, "1 kB"),
        (999_000, "999 kB"),
        (35_002_623, "35 MB"),
        (33_700_000_000, "33.7 GB"),
    ],
)
def test_sizes_are_said_in_thousands(count: int, words: str) -> None:
    assert file_size(count) == words
