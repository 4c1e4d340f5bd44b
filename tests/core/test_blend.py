from __future__ import annotations

from studio.core.blend import BlendMode


def test_modes_are_known_by_their_names_in_files() -> None:
    assert BlendMode.named("svg:multiply") is BlendMode.MULTIPLY
    assert BlendMode.named("svg:src-over") is BlendMode.NORMAL
    assert BlendMode.named("krita:dissolve") is None


def test_every_mode_has_a_title_of_its_own() -> None:
    assert len({mode.title for mode in BlendMode}) == len(BlendMode)
