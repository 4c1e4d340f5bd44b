"""The entry of `sfumato`, and the one place where errors become exit codes."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from studio import app
from studio.cli.errors import CancelledError, ExitCode, UsageError
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
    with app.logging_to_file() as log_file:
        try:
            return _run(sys.argv[1:] if arguments is None else list(arguments))
        except UsageError as error:
            return _say(f"{' '.join(str(error).split())} See sfumato --help.", ExitCode.USAGE)
        except KnownError as error:
            log.info("refused: %s %s", error.message, error.details)
            return _say(error.message, ExitCode.ERROR)
        except (CancelledError, KeyboardInterrupt) as error:
            kept = str(error) or "cancelled; what was finished is in the gallery."
            return _say(kept, ExitCode.CANCELLED)
        except BrokenPipeError:
            let_go_of_output()
            return ExitCode.NOBODY_READS
        except SystemExit as end:
            if isinstance(end.__context__, BrokenPipeError):  # so ends who prints the help
                return ExitCode.NOBODY_READS
            raise
        except Exception as error:  # the last resort: whatever arrives here is our mistake
            if isinstance(error, OSError) and error.errno in DISK_TROUBLES:
                return _blame_the_disk(error)
            log.exception("bug")
            return _say(_confession(error, log_file), ExitCode.BUG)


def _run(arguments: list[str]) -> int:
    if not arguments:
        return open_window()
    # The window, which most starts are for, does not wait for the parser of the command line.
    from studio.cli.command import run_command

    returned = run_command(arguments, open_window)
    sys.stdout.flush()
    return returned


def _say(sentence: str, code: ExitCode) -> ExitCode:
    print(f"sfumato: {sentence}", file=sys.stderr)
    return code


def _confession(error: Exception, log_file: Path | None) -> str:
    if log_file is None:
        traceback.print_exc()
    where = "above" if log_file is None else f"in {log_file}"
    return f"an error in Sfumato itself ({type(error).__name__}); details are {where}."


def _blame_the_disk(error: OSError) -> ExitCode:
    """What nobody else told the person, such as of output that goes to a file."""
    log.warning("the disk", exc_info=error)
    let_go_of_output()
    what = error.filename or "What is printed"
    return _say(
        f"{what} cannot be written because {reason(error)}: mend that and try again; pictures "
        "that were finished are in the gallery.",
        ExitCode.ERROR,
    )
