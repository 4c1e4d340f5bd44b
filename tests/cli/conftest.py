"""The command line run in this process, on an engine without a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio import app
from studio.cli.main import main
from studio.core.picture import Picture
from studio.files.writing import write_picture
from tests.helpers.pictures import smooth
from tests.helpers.scripted_engine import ScriptedEngine


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


Run = Callable[..., Outcome]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ScriptedEngine:
    """The engine that the commands get."""
    scripted = ScriptedEngine()
    monkeypatch.setattr(app, "make_engine", lambda **_: scripted)
    return scripted


@pytest.fixture
def run(engine: ScriptedEngine, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs ``sfumato`` with these arguments."""

    def command(*arguments: object) -> Outcome:
        code = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return command


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A picture file of 96x64 pixels."""
    path = tmp_path / "image.png"
    write_picture(path, smooth(96, 64))
    return path


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    """A mask for `image`: a rectangle in its middle."""
    painted = np.zeros((64, 96), dtype=np.uint8)
    painted[20:40, 30:60] = 255
    path = tmp_path / "mask.png"
    write_picture(path, Picture.from_array(painted))
    return path
