from pathlib import Path

import pytest

from studio.core.errors import EngineError
from studio.engine.tuning import TUNING_FILE, Tuning, load_tuning, save_tuning


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    tuning = Tuning(memory="low", compiled=True, step_cache=0.1, attention="plain", together=True)
    save_tuning(tmp_path / "config", tuning)
    assert load_tuning(tmp_path / "config") == tuning


def test_without_a_file_the_engine_decides(tmp_path: Path) -> None:
    assert load_tuning(tmp_path) == Tuning(memory="auto")


@pytest.mark.parametrize(
    "text", ["{", '{"memory": "most"}', '{"step_cache": 2}', "[]", '{"memory": "\xff"}']
)
def test_what_is_not_valid_is_told_with_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / TUNING_FILE).write_text(text, encoding="latin-1")
    with pytest.raises(EngineError, match=rf"{TUNING_FILE} is not valid .*correct or remove it"):
        load_tuning(tmp_path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    with pytest.raises(EngineError, match="cannot be written because"):
        save_tuning(tmp_path / "config", Tuning())
