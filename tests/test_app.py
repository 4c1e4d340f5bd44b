"""The composition root puts the right parts together."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from studio import app, paths
from studio.core.errors import EngineError, GalleryError, KnownError
from studio.engine.client import LocalEngine
from studio.engine.tuning import TUNING_FILE, Tuning, save_tuning
from studio.gallery.store import Gallery


def test_the_catalog_holds_the_starter_first() -> None:
    assert app.build_catalog().default.id == "starter"


def test_the_gallery_lies_where_the_paths_say() -> None:
    gallery = app.open_gallery()
    assert gallery.folder == paths.gallery()
    assert gallery.thumbnails.folder.is_relative_to(paths.cache())
    gallery.close()


def test_an_engine_costs_nothing_until_it_is_needed() -> None:
    engine = app.make_engine()
    assert isinstance(engine, LocalEngine)
    assert engine.worker_pid is None
    engine.close()


def test_the_engine_uses_the_machine_as_the_settings_say() -> None:
    paths.config().mkdir(parents=True)
    (paths.config() / TUNING_FILE).write_text('{"memory": "most"}')
    with pytest.raises(EngineError, match="engine.json is not valid"):
        app.make_engine()


def test_a_command_may_want_the_machine_used_otherwise_than_the_settings_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save_tuning(paths.config(), Tuning(memory="low", compiled=True))
    wanted: list[Tuning | None] = []
    monkeypatch.setattr(
        "studio.engine.client.LocalEngine", lambda tuning, **_: wanted.append(tuning)
    )
    app.make_engine()
    app.make_engine(memory="full")
    app.make_engine(together=True)
    assert wanted == [
        None,
        Tuning(memory="full", compiled=True),
        Tuning(memory="low", compiled=True, together=True),
    ]


def test_the_window_gets_gallery_catalog_and_a_way_to_make_an_engine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: dict[str, object] = {}

    def window(files: list[Path], **parts: object) -> int:
        given.update(parts, files=files)
        return 5

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr("studio.gui.application.run", window)
    assert app.run_window([tmp_path]) == 5
    assert given["files"] == [tmp_path]
    assert isinstance(given["gallery"], Gallery)
    assert given["read_catalog"] is app.build_catalog
    engine = given["make_engine"]()  # type: ignore[operator]
    assert isinstance(engine, LocalEngine)
    engine.close()


@pytest.mark.parametrize("terminal", [False, True])
def test_who_has_no_terminal_is_told_in_a_box_why_there_is_no_window(
    monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    paths.gallery().parent.mkdir(parents=True)
    paths.gallery().write_text("a file in its place")
    told: list[str] = []
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    monkeypatch.setattr("PySide6.QtWidgets.QMessageBox.exec", lambda box: told.append(box.text()))
    with pytest.raises(GalleryError) as refused:
        app.run_window([])
    assert told == ([] if terminal else [refused.value.message])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a screen")
def test_without_a_screen_there_is_a_sentence_and_no_abort(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(KnownError, match="no screen"):
        app.run_window([])


def test_the_program_starts_without_torch_or_qt() -> None:
    program = (
        "import sys, studio.app, studio.cli.main;"
        "sys.exit(bool({'torch', 'diffusers', 'transformers', 'PySide6'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


def test_logs_and_warnings_go_to_a_file_while_it_lasts() -> None:
    before = list(logging.getLogger().handlers)
    with app.logging_to_file() as path:
        assert path == paths.logs() / app.LOG_NAME
        logging.getLogger("studio.test").info("something happened")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("be careful", UserWarning, stacklevel=1)
    assert logging.getLogger().handlers == before
    text = path.read_text()
    assert "INFO studio.test: something happened" in text
    assert "be careful" in text


def test_without_a_place_for_logs_there_are_none(home: Path) -> None:
    home.write_text("a file in its place")
    with app.logging_to_file() as path:
        logging.getLogger("studio.test").info("nobody reads this")
    assert path is None


@pytest.mark.engine
def test_the_engine_finds_the_device_and_its_memory() -> None:
    device, budget = app.find_device()
    assert device and 0 < budget.usable < budget.total
