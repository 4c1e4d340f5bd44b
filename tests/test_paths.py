"""Where things lie, and how SFUMATO_HOME moves them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from studio import paths

OWN = [paths.config, paths.data, paths.cache, paths.logs, paths.gallery]


@pytest.mark.parametrize("place", OWN)
def test_the_persons_folders_move_with_sfumato_home(place: Callable[[], Path], home: Path) -> None:
    assert place().is_relative_to(home)
    assert not place().exists()


@pytest.mark.parametrize("place", OWN)
def test_without_it_they_are_the_systems_usual_ones(
    place: Callable[[], Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SFUMATO_HOME")
    assert place().is_absolute()
    assert not place().is_relative_to(home)
    assert "sfumato" in place().parts


def test_sfumato_home_may_be_relative_or_in_the_persons_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SFUMATO_HOME", "portable")
    assert paths.data() == tmp_path / "portable" / "data"
    monkeypatch.setenv("SFUMATO_HOME", "~/portable")
    assert paths.data() == Path.home() / "portable" / "data"


def test_what_ships_with_the_program_is_there() -> None:
    assert paths.models_file().is_file()
    assert (paths.resources() / "icons").is_dir()
