"""What programs read with ``--json`` when a command fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio import app
from studio.core.errors import GalleryError, KnownError
from tests.cli.conftest import Run
from tests.helpers.scripted_engine import Script, ScriptedEngine

FULL = Path("/dev/full")


@pytest.mark.parametrize(
    ("command", "code", "kind"),
    [
        ("generate", 2, "usage"),
        ("generate x --bogus", 2, "usage"),
        ("models remove", 2, "usage"),
        ("generate x --size 1x1", 3, "request"),
        ("gallery list --limit -1", 3, "request"),
        ("edit missing.png x", 3, "picture"),
        ("extend missing.png x --right 8", 3, "picture"),
        ("vary missing.png", 3, "picture"),
        ("upscale missing.png", 3, "picture"),
        ("rank x missing.png", 3, "picture"),
        ("generate x --model none", 3, "model"),
        ("models show none", 3, "model"),
        ("models verify none", 3, "model"),
        ("models install none", 3, "model"),
        ("models import none", 3, "model"),
        ("memory none", 3, "model"),
    ],
)
def test_every_command_tells_its_failure_as_an_object_and_in_words(
    run: Run, command: str, code: int, kind: str
) -> None:
    outcome = run(*command.split(), "--json")
    message = outcome.err.removeprefix("sfumato: ").rstrip("\n")
    assert outcome.code == code
    assert outcome.objects == [{"error": {"code": code, "type": kind, "message": message}}]
    assert message


def test_only_who_asks_for_objects_gets_one(run: Run) -> None:
    for command in (["models", "show", "none"], ["models", "show", "--", "--json"]):
        outcome = run(*command)
        assert (outcome.code, outcome.out) == (3, "")


def test_what_succeeded_before_comes_before(run: Run, engine: ScriptedEngine) -> None:
    engine.script(Script(dies=True))
    failed = run("generate", "x", "--json").objects[-1]["error"]
    assert (failed["code"], failed["type"]) == (3, "engine")


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (GalleryError("The gallery is locked: wait."), 3, "gallery"),
        (KnownError("Something lacks: bring it."), 3, "other"),
        (OSError(28, "No space left on device", "a.png"), 3, "disk"),
        (KeyboardInterrupt(), 130, "cancelled"),
        (ZeroDivisionError("bug"), 1, "bug"),
    ],
)
def test_whatever_goes_wrong_has_a_type_and_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, kind: str
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(app, "open_gallery", fail)
    outcome = run("gallery", "list", "--json")
    (told,) = outcome.objects
    assert (outcome.code, told["error"]["code"], told["error"]["type"]) == (code, code, kind)
    assert outcome.err == f"sfumato: {told['error']['message']}\n"


@pytest.mark.skipif(not FULL.exists(), reason="only some systems have a device that is full")
def test_an_object_that_nobody_can_read_changes_nothing() -> None:
    command = [sys.executable, "-m", "studio", "models", "show", "none", "--json"]
    with FULL.open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 3
    assert done.stderr.count(b"\n") == 1
