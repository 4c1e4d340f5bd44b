from __future__ import annotations

import pytest

from studio.core.geometry import Extent
from studio.files.limits import MAX_HELD_BYTES, MAX_SHEET_SIDE, DamagedPartError, Limits

SMALL, LARGE = Extent(100, 100), Extent(16_384, 16_384)


def test_a_picture_may_be_so_wide_and_no_wider() -> None:
    limits = Limits()
    limits.begin(Extent(MAX_SHEET_SIDE, 1))
    with pytest.raises(DamagedPartError, match="too large"):
        limits.begin(Extent(MAX_SHEET_SIDE + 1, 1))


def test_pictures_that_turn_out_to_be_empty_are_free_but_not_without_end() -> None:
    limits = Limits()
    with pytest.raises(DamagedPartError):
        for _ in range(100):
            limits.begin(LARGE)


def test_what_was_given_back_may_be_held_again() -> None:
    limits = Limits()
    limits.hold(MAX_HELD_BYTES)
    limits.hold(-1000)
    limits.hold(1000)
    with pytest.raises(DamagedPartError):
        limits.hold(1)


def test_giving_back_is_never_too_much() -> None:
    limits = Limits()
    for _ in range(2):
        with pytest.raises(DamagedPartError):
            limits.hold(MAX_HELD_BYTES + 1)
    limits.hold(-MAX_HELD_BYTES)


def test_after_too_much_only_what_surely_fits_is_begun() -> None:
    limits = Limits()
    limits.begin(LARGE)
    with pytest.raises(DamagedPartError):
        limits.hold(MAX_HELD_BYTES + 1)
    limits.hold(-MAX_HELD_BYTES // 2)
    limits.begin(SMALL)
    with pytest.raises(DamagedPartError):
        limits.begin(LARGE)


def test_a_file_that_is_in_memory_counts() -> None:
    with pytest.raises(DamagedPartError):
        Limits(held_bytes=MAX_HELD_BYTES).hold(1)


def test_a_large_file_may_hold_more_than_a_small_one() -> None:
    Limits(file_bytes=MAX_HELD_BYTES // 2).hold(2 * MAX_HELD_BYTES)
    with pytest.raises(DamagedPartError):
        Limits(file_bytes=1000).hold(2 * MAX_HELD_BYTES)
