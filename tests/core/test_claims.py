from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from studio.core.claims import Claim, left_behind, sweep

HOLDER = """
import sys, time
from pathlib import Path
from studio.core.claims import Claim
claim = Claim.make(Path(sys.argv[1]))
print(claim.folder, flush=True)
time.sleep(600)
"""


def folders(parent: Path) -> list[Path]:
    return [path for path in parent.iterdir() if path.is_dir()]


def test_a_claimed_folder_is_nobody_elses(tmp_path: Path) -> None:
    claim = Claim.make(tmp_path)
    assert claim.folder.is_dir()
    assert Claim.take(claim.folder) is None
    sweep(tmp_path)
    assert claim.folder.is_dir()
    claim.remove()


def test_what_was_released_is_taken_by_the_next(tmp_path: Path) -> None:
    first = Claim.make(tmp_path)
    (first.folder / "note").write_text("kept")
    first.release()
    (taken,) = left_behind(tmp_path)
    assert (taken.folder / "note").read_text() == "kept"
    assert not list(left_behind(tmp_path))
    taken.release()


def test_removing_leaves_nothing(tmp_path: Path) -> None:
    claim = Claim.make(tmp_path)
    (claim.folder / "inner").mkdir()
    claim.remove()
    assert not list(tmp_path.iterdir())
    assert Claim.take(claim.folder) is None
    assert not list(tmp_path.iterdir())


def test_a_parent_that_does_not_exist_holds_nothing(tmp_path: Path) -> None:
    assert not list(left_behind(tmp_path / "missing"))
    sweep(tmp_path / "missing")


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert Claim.take(folder) is None
        process.send_signal(signal.SIGKILL)
    assert folders(tmp_path) == [folder]
    sweep(tmp_path)
    assert not list(tmp_path.iterdir())
