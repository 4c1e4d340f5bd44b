from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging" / "dev.py"


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, set up to work in an empty folder."""
    spec = importlib.util.spec_from_file_location("dev", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "CONSTRAINTS", tmp_path / "constraints.txt")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "constraints.txt").write_text("numpy==2.0\n")
    return module


@pytest.fixture
def commands(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the script would have run."""
    seen: list[list[str]] = []

    def create(path: Path, **_: object) -> None:
        interpreter = Path(dev.python())
        interpreter.parent.mkdir(parents=True)
        interpreter.touch()

    monkeypatch.setattr(dev, "run_quietly", lambda command, *_: seen.append(list(command)))
    monkeypatch.setattr(dev.venv, "create", create)
    return seen


def test_without_a_command_it_explains_itself_on_standard_error() -> None:
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "dev.py run" in done.stderr


def test_the_second_installation_does_nothing(
    dev: ModuleType, commands: list[list[str]], tmp_path: Path
) -> None:
    dev.install("[test]")
    dev.install("[test]")
    dev.install("")
    assert len(commands) == 1
    assert f"{tmp_path}[test]" in commands[0]


def test_asking_for_more_or_changing_the_pins_installs_again(
    dev: ModuleType, commands: list[list[str]], tmp_path: Path
) -> None:
    dev.install("")
    dev.install("[test]")
    (tmp_path / "constraints.txt").write_text("numpy==2.1\n")
    dev.install("")
    assert len(commands) == 3


def test_a_failed_installation_is_tried_again(
    dev: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str], *_: object) -> None:
        raise SystemExit(3)

    works = dev.run_quietly
    monkeypatch.setattr(dev, "run_quietly", fail)
    with pytest.raises(SystemExit):
        dev.install("")
    monkeypatch.setattr(dev, "run_quietly", works)
    dev.install("")
    assert len(commands) == 1


def test_without_the_right_to_install_it_prints_the_one_command(
    dev: ModuleType,
    commands: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000, raising=False)
    dev.install_system_packages(["libegl1", "libgl1"])
    assert commands == []
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "sudo apt-get install --yes --no-install-recommends libegl1 libgl1" in shown.err


def test_a_failing_step_leaves_with_code_3_and_names_itself(
    dev: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        dev.run_quietly([sys.executable, "-c", "print('out'); raise SystemExit(1)"])
    assert left.value.code == 3
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "raise SystemExit(1)" in shown.err


def test_programs_lie_where_each_system_keeps_them(dev: ModuleType, tmp_path: Path) -> None:
    folder = "Scripts" if sys.platform == "win32" else "bin"
    assert Path(dev.python()).parent == tmp_path / ".venv" / folder
