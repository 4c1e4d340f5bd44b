"""The real command with the real engine and the starter model."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from studio import app
from studio.core.picture import Picture
from studio.files.pictures import read_picture, read_recipe
from studio.files.writing import write_picture

pytestmark = pytest.mark.engine
SFUMATO = [sys.executable, "-m", "studio"]
QUICK = ["--steps", "4", "--seed", "1", "--json"]


def sfumato(*arguments: object) -> list[dict[str, Any]]:
    """Runs a command that has to succeed; returns the objects that it printed."""
    command = [*SFUMATO, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_picture_is_made_edited_and_found_again(tmp_path: Path) -> None:
    (made,) = sfumato("generate", "a red ball on grass", "--size", "128x128", "--rank", *QUICK)
    assert made["score"] is not None
    before = read_picture(Path(made["path"]))
    painted = np.zeros((128, 128), np.uint8)
    painted[40:80, 50:90] = 255
    write_picture(tmp_path / "mask.png", Picture.from_array(painted))
    target = tmp_path / "edited.webp"
    edit = ["edit", made["path"], "a blue ball", "--mask", tmp_path / "mask.png", "-o", target]
    (edited,) = sfumato(*edit, *QUICK)
    after = read_picture(Path(edited["gallery_path"]))
    assert np.array_equal(before.array()[painted == 0], after.array()[painted == 0])
    assert not np.array_equal(before.array()[painted > 0], after.array()[painted > 0])
    recipe = read_recipe(target)
    assert recipe is not None
    assert recipe.parents == (made["id"],)
    listed = sfumato("gallery", "list", "--json")
    assert [entry["id"] for entry in listed] == [edited["id"], made["id"]]


def test_ctrl_c_ends_the_job_and_leaves_no_worker_behind() -> None:
    running = subprocess.Popen(
        [*SFUMATO, "generate", "a red ball on grass", "-n", "10", "--size", "128x128", *QUICK],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    first = json.loads(running.stdout.readline())
    workers = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=120)
    assert running.returncode == 130
    assert "Traceback" not in errors
    assert workers
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []
    gallery = app.open_gallery()
    assert gallery.get(first["id"]).seed == 1
    gallery.close()
