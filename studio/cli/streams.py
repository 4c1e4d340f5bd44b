"""Standard streams that are missing, full, or read by nobody."""

from __future__ import annotations

import contextlib
import os
import sys
from io import TextIOWrapper
from typing import Literal, TextIO


def provide_streams() -> None:
    """Puts the null device where a stream was closed before the start, or a desktop gives none.

    Characters that standard output does not know are written as escapes and stop nothing.
    """
    if sys.stdin is None:
        sys.stdin = _null("r")
    if sys.stdout is None:
        sys.stdout = _null("w")
    if sys.stderr is None:
        sys.stderr = _null("w")
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def let_go_of_output() -> None:
    """Keeps Python from complaining at its end that it cannot write what is still to be written.

    What can be written is.
    """
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _null(mode: Literal["r", "w"]) -> TextIO:
    return open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115  (for as long as the process)
