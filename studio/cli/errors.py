"""How the command line ends: exit codes, and what leads to them."""

from __future__ import annotations

import enum


class ExitCode(enum.IntEnum):
    """What scripts may rely on."""

    DONE = 0
    BUG = 1
    """Our mistake; the log has the details."""
    USAGE = 2
    """The command line itself is wrong."""
    ERROR = 3
    """Something that the person can mend, said in one line."""
    CANCELLED = 130
    """Stopped with Ctrl+C; what was finished before is kept."""
    NOBODY_READS = 141
    """Whoever read the output went away, as with ``| head``."""
    TERMINATED = 143
    """Another program asked it to end."""


class UsageError(Exception):
    """The arguments do not go together."""


class CancelledError(Exception):
    """The person stopped it; the message, if any, says what is left of it."""
