#!/usr/bin/env python3
"""Set up what Sfumato needs, then run it, test it or check it. Standard library only.

::

    python3 packaging/dev.py run [-- ARGS]    start `sfumato ARGS`; its exit code is passed on
    python3 packaging/dev.py test [-- ARGS]   the whole test suite; ARGS go to pytest
    python3 packaging/dev.py check            ruff, mypy --strict, import-linter
    python3 packaging/dev.py setup            only the set-up

The first call makes ``.venv`` beside this folder and installs the pinned packages into it; later
ones start at once, until pyproject.toml or constraints.txt change. Everything that this script
says goes to standard error, so that standard output is the program's alone.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
OLDEST, NEWEST = (3, 11), (3, 14)

# Shared libraries that Qt's window needs on Linux, and the Debian packages that bring them.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
FONTS = "fonts-dejavu-core"
# Programs with which the journeys drive the real window on a virtual screen.
SCREEN_PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool", "openbox": "openbox"}


def main(arguments: Sequence[str]) -> int:
    """Runs one command; returns the exit code."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        say(f"Sfumato needs Python 3.{OLDEST[1]} to 3.{NEWEST[1]}, not {sys.version.split()[0]}.")
        return 3
    command, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    if rest[:1] == ["--"]:
        rest = rest[1:]
    match command:
        case "run":
            install_system_packages(missing_libraries())
            install(extras="")
            replace_process([program("sfumato"), *rest])
        case "test":
            install_system_packages([*missing_libraries(), *missing_programs()])
            install(extras="[test]")
            return test(rest)
        case "check":
            install(extras="[test]")
            return check()
        case "setup":
            install_system_packages(missing_libraries())
            install(extras="[test]")
            return 0
    print(__doc__, file=sys.stderr)
    return 2


def test(arguments: Sequence[str]) -> int:
    """Runs pytest over the whole suite; windows are drawn off screen or on a virtual one."""
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", OMP_WAIT_POLICY="PASSIVE")
    return subprocess.run(
        [python(), "-m", "pytest", *arguments], cwd=ROOT, env=environment
    ).returncode


def check() -> int:
    """Runs every static check, also after one has failed; returns the worst exit code."""
    checks = (
        ["-m", "ruff", "format", "--check", "."],
        ["-m", "ruff", "check", "."],
        ["-m", "mypy"],
        ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
    )
    codes = []
    for arguments in checks:
        say(f"== {arguments[1] if arguments[0] == '-m' else 'import-linter'}")
        codes.append(subprocess.run([python(), *arguments], cwd=ROOT).returncode)
    return max(codes)


def python() -> str:
    """The interpreter of the virtual environment."""
    return program("python")


def program(name: str) -> str:
    """A program that was installed into the virtual environment."""
    place = ("Scripts", f"{name}.exe") if os.name == "nt" else ("bin", name)
    return str(VENV.joinpath(*place))


def install(extras: str) -> None:
    """Makes the virtual environment and installs the package, unless that has been done already.

    ``extras`` is empty or ``[test]``; an environment with the extras serves for both.
    """
    stamp = VENV / "sfumato-installed"
    wanted = fingerprint()
    installed = stamp.read_text().split() if stamp.is_file() else []
    if installed[:1] == [wanted] and (not extras or extras in installed[1:]):
        return
    if not Path(python()).is_file():
        say("Making .venv …")
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    say("Installing Sfumato and what it needs; the first time this takes a minute or more …")
    stamp.unlink(missing_ok=True)
    run_quietly([python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                 "--constraint", str(CONSTRAINTS), "--editable", f"{ROOT}{extras}"])  # fmt: skip
    stamp.write_text(f"{wanted} {extras}")


def fingerprint() -> str:
    """A name for what should be installed: changes with the pins, the code's version, Python."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for path in (ROOT / "pyproject.toml", CONSTRAINTS):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def missing_libraries() -> list[str]:
    """Debian packages of the Qt libraries that this Linux lacks; empty elsewhere."""
    if not sys.platform.startswith("linux"):
        return []
    packages = [package for name, package in QT_LIBRARIES.items() if not loads(name)]
    fonts = any(any(Path(folder).rglob("*.[to]tf")) for folder in ("/usr/share/fonts",))
    return packages if fonts else [*packages, FONTS]


def missing_programs() -> list[str]:
    """Debian packages of the programs that the journeys need and this Linux lacks."""
    if not sys.platform.startswith("linux"):
        return []
    return [package for name, package in SCREEN_PROGRAMS.items() if shutil.which(name) is None]


def loads(library: str) -> bool:
    """Whether the dynamic linker finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_system_packages(packages: Iterable[str]) -> None:
    """Installs Debian packages where that is allowed; else says with which command to do it."""
    wanted = sorted(set(packages))
    if not wanted:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *wanted]
    if shutil.which("apt-get") is None:
        say(f"Qt needs system libraries that Debian calls: {' '.join(wanted)}.")
        say("Please install them with this system's package manager.")
    elif os.geteuid() != 0:
        say("Qt needs system libraries. Please run once:")
        say(f"  sudo apt-get update && sudo {shlex.join(command)}")
    else:
        say(f"Installing system packages: {' '.join(wanted)} …")
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        run_quietly(["apt-get", "update", "--quiet=2"], environment)
        run_quietly([command[0], "--quiet=2", *command[1:]], environment)


def run_quietly(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    """Runs a set-up step with all its output on standard error; leaves with 3 where it fails."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), env=environment
    )
    if done.returncode:
        say(f"This step of the set-up failed; what it said stands above:\n  {shlex.join(command)}")
        raise SystemExit(3)


def replace_process(command: list[str]) -> NoReturn:
    """Becomes the command, so that signals and exit code are its own; on Windows waits for it."""
    if os.name != "nt":
        os.execv(command[0], command)
    try:
        code = subprocess.run(command).returncode
    except KeyboardInterrupt:
        code = 130
    raise SystemExit(code)


def say(text: str) -> None:
    """Tells the person something on standard error."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
