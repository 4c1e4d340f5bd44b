"""The entry of `sfumato`, and the one place where errors become exit codes."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from studio import app
from studio.cli.errors import (
    CancelledError,
    ExitCode,
    Failure,
    UsageError,
    asks_for_json,
    type_of,
)
from studio.cli.streams import let_go_of_output, provide_streams
from studio.core.atomic import DISK_TROUBLES, reason
from studio.core.errors import KnownError, PictureError

log = logging.getLogger(__name__)


def open_window(*files: Path) -> int:
    """Opens the window.

    Parameters
    ----------
    files
        Pictures or OpenRaster files to open in it.
    """
    for file in files:
        if not file.exists():
            raise PictureError(
                f"{file} does not exist, and is no command either: see sfumato --help."
            )
    return app.run_window([file.absolute() for file in files])


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code.

    Args:
        arguments: those of this process where they are not given.
    """
    provide_streams()
    given = sys.argv[1:] if arguments is None else list(arguments)
    with app.logging_to_file() as log_file:
        try:
            return _run(given)
        except BrokenPipeError:
            let_go_of_output()
            return ExitCode.NOBODY_READS
        except SystemExit as end:
            if isinstance(end.__context__, BrokenPipeError):  # so ends who prints the help
                return ExitCode.NOBODY_READS
            raise
        except (Exception, KeyboardInterrupt) as error:  # the last resort: each has its sentence
            return _say(_failure(error, log_file), as_json=asks_for_json(given))


def _run(arguments: list[str]) -> int:
    if not arguments:
        return open_window()
    # The window, which most starts are for, does not wait for the parser of the command line.
    from studio.cli.command import run_command

    returned = run_command(arguments, open_window)
    sys.stdout.flush()
    return returned


def _failure(error: BaseException, log_file: Path | None) -> Failure:
    """What an error means for the person; what is our mistake is logged with its traceback."""
    match error:
        case UsageError():
            sentence = f"{' '.join(str(error).split())} See sfumato --help."
            return Failure(ExitCode.USAGE, "usage", sentence)
        case KnownError(message=message, details=details):
            log.info("refused: %s %s", message, details)
            return Failure(ExitCode.ERROR, type_of(error), message)
        case CancelledError() | KeyboardInterrupt():
            kept = str(error) or "cancelled; what was finished is in the gallery."
            return Failure(ExitCode.CANCELLED, "cancelled", kept)
        case OSError(errno=number) if number in DISK_TROUBLES:
            return _blamed_on_the_disk(error)
    log.error("bug", exc_info=error)
    if log_file is None:
        traceback.print_exception(error)
    where = "above" if log_file is None else f"in {log_file}"
    sentence = f"an error in Sfumato itself ({type(error).__name__}); details are {where}."
    return Failure(ExitCode.BUG, "bug", sentence)


def _blamed_on_the_disk(error: OSError) -> Failure:
    """What nobody else told the person, such as of output that goes to a file."""
    log.warning("the disk", exc_info=error)
    let_go_of_output()
    what = error.filename or "What is printed"
    return Failure(
        ExitCode.ERROR,
        "disk",
        f"{what} cannot be written because {reason(error)}: mend that and try again; pictures "
        "that were finished are in the gallery.",
    )


def _say(failure: Failure, *, as_json: bool) -> ExitCode:
    print(f"sfumato: {failure.message}", file=sys.stderr)
    if as_json:
        from studio.cli.output import print_json  # seldom wanted at the start

        try:
            print_json({"error": failure._asdict()})
        except OSError:  # the failure has been said, and its code is what counts
            let_go_of_output()
    return failure.code
