"""The command as a process: exit codes, streams, interruptions, and a quick start."""

from __future__ import annotations

import importlib.abc
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio import __version__, app
from studio.__main__ import main as entry
from studio.files.pictures import read_picture
from tests.cli.conftest import Run
from tests.helpers.scripted_engine import Script, ScriptedEngine

FULL = Path("/dev/full")
ASCII = {"PYTHONIOENCODING": "ascii"}

SLOW = """
import sys
from studio import app
from studio.cli.main import main
from tests.helpers.scripted_engine import Script, ScriptedEngine
app.make_engine = lambda **_: ScriptedEngine(Script(steps=4, step_seconds=0.15))
sys.exit(main())
"""


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "studio", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )


def test_version_and_help_go_to_standard_output() -> None:
    version, usage = process("--version"), process("--help")
    assert (version.returncode, version.stdout.strip()) == (0, __version__)
    assert usage.returncode == 0
    for command in ("generate", "edit", "extend", "vary", "rank", "models", "gallery"):
        assert command in usage.stdout


@pytest.mark.parametrize("command", ["generate", "edit", "extend", "vary", "rank"])
def test_help_imports_neither_torch_nor_qt(command: str) -> None:
    program = (
        "import sys; from studio.cli.main import main; main([sys.argv[1], '--help']);"
        "sys.exit(bool({'torch', 'diffusers', 'transformers', 'PySide6'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program, command], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_exit_codes_of_the_process() -> None:
    assert process("generate").returncode == 2
    assert process("--bogus").returncode == 2
    refused = process("generate", "")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert refused.stderr == ("sfumato: The prompt is empty: write what the picture should show.\n")


def test_ctrl_c_cancels_and_keeps_what_was_finished(tmp_path: Path) -> None:
    arguments = ["generate", "x", "-n", "10", "--json"]
    running = subprocess.Popen(
        [sys.executable, "-c", SLOW, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    first = running.stdout.readline()
    running.send_signal(signal.SIGINT)
    rest, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert errors == "sfumato: cancelled; what was finished is in the gallery.\n"
    *printed, last = [line for line in [first, *rest.splitlines()] if line.strip()]
    assert json.loads(last)["error"]["type"] == "cancelled"
    gallery = app.open_gallery()
    assert 1 <= gallery.count() == len(printed) < 10
    gallery.close()


def test_who_stops_reading_is_not_answered_with_a_traceback() -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", SLOW, "generate", "x", "-n", "4"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    running.stdout.readline()
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == ""
    running.stderr.close()
    assert running.wait(30) == 141


@pytest.mark.parametrize("command", [("--help",), ("models", "list")])
def test_who_reads_nothing_at_all_is_not_either(command: tuple[str, ...]) -> None:
    unread, output = os.pipe()
    os.close(unread)
    with os.fdopen(output, "w") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "studio", *command],
            stdout=pipe,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not FULL.exists(), reason="only some systems have a device that is full")
@pytest.mark.parametrize("buffered", ["", "1"])
def test_output_that_a_full_disk_refuses_is_no_bug(buffered: str) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "studio", "models", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONUNBUFFERED": buffered},
        )
    assert done.returncode == 3
    assert done.stderr.startswith(
        "sfumato: What is printed cannot be written because the disk is full"
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="only POSIX shells close streams")
def test_streams_that_were_closed_are_done_without() -> None:
    def run(arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = f"exec {sys.executable} -m studio {arguments}"
        return subprocess.run(["sh", "-c", command], capture_output=True, timeout=60)

    assert run("models list >&-").returncode == 0
    refused = run("models show nothing 2>&-")
    assert (refused.returncode, refused.stdout) == (3, b"")
    unread = run("generate --request - <&-")
    assert unread.returncode == 3
    assert b"not a generation request" in unread.stderr


def test_words_that_the_terminal_cannot_show_stop_nothing(tmp_path: Path) -> None:
    home = tmp_path / "Zoë 日本"
    done = process("models", "path", env={**os.environ, "SFUMATO_HOME": str(home), **ASCII})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{tmp_path}/Zo\\xeb \\u65e5\\u672c")


def test_ctrl_c_while_the_program_is_read_in_ends_it_in_silence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Pressing(importlib.abc.MetaPathFinder):
        def find_spec(self, name: str, *_: object) -> None:
            if name == "studio.cli.main":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "studio.cli.main")
    monkeypatch.setattr(sys, "meta_path", [Pressing(), *sys.meta_path])
    assert entry() == 130
    assert capfd.readouterr() == ("", "")


def test_progress_is_shown_on_a_terminal_only(run: Run) -> None:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-c", SLOW, "generate", "x"],
        stdout=subprocess.PIPE,
        stderr=slave,
        text=True,
        env={**os.environ, "TERM": "xterm"},
    )
    out, _ = running.communicate(timeout=30)
    os.close(slave)
    shown = os.read(master, 1_000_000).decode()
    os.close(master)
    assert "painting" in shown
    assert read_picture(Path(out.strip())).extent == (256, 256)
    assert run("generate", "x").err == ""


def test_files_are_opened_in_the_window(
    run: Run, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[list[Path]] = []

    def window(files: list[Path]) -> int:
        opened.append(files)
        return 7

    monkeypatch.setattr(app, "run_window", window)
    assert run().code == 7
    assert run(image).code == 7
    assert opened == [[], [image]]


def test_a_file_that_is_not_there_opens_no_window(run: Run) -> None:
    outcome = run("genrate", "x")
    assert outcome.code == 3
    assert "genrate does not exist, and is no command" in outcome.err


def test_the_engine_is_closed_whatever_happens(run: Run, engine: ScriptedEngine) -> None:
    engine.script(Script(dies=True))
    run("generate", "x")
    assert engine.closed


def test_a_log_that_cannot_be_written_stops_nothing(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "logs").write_text("a file in its place")
    assert run("generate", "x").code == 0


def test_interrupting_twice_ends_at_once_even_if_the_engine_does_not_listen() -> None:
    program = SLOW.replace("step_seconds=0.15", "step_seconds=60, notes=('ready',)")
    deaf = program.replace("sys.exit", "ScriptedEngine.cancel = lambda *_: None\nsys.exit")
    running = subprocess.Popen(
        [sys.executable, "-c", deaf, "generate", "x"], stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    assert running.stderr.readline() == "ready\n"
    for _ in range(2):
        running.send_signal(signal.SIGINT)
        time.sleep(0.5)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert errors.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="only POSIX asks a process to end with a signal")
def test_a_request_to_terminate_ends_the_engine_and_is_no_error() -> None:
    noisy = SLOW.replace("step_seconds=0.15", "step_seconds=60, notes=('ready',)").replace(
        "sys.exit", "ScriptedEngine.close = lambda _: print('closed')\nsys.exit"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", noisy, "generate", "x"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    assert running.stderr.readline() == "ready\n"
    running.terminate()
    output, errors = running.communicate(timeout=30)
    assert (running.returncode, output, errors) == (143, "closed\n", "")
