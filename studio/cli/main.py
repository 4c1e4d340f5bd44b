"""The `sfumato` command: its subcommands, and the one place where errors become exit codes."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from cyclopts import App, CycloptsError

from studio import __version__, app
from studio.cli.errors import CancelledError, ExitCode, UsageError
from studio.core.errors import KnownError, PictureError

HELP = """Make, edit and keep pictures with a diffusion model on your own computer.

Without a command the window opens, with FILES in it."""

log = logging.getLogger(__name__)


def build_command() -> App:
    """The command with all its subcommands; their modules are imported when they are used."""
    command = App(
        name="sfumato",
        help=HELP,
        version=__version__,
        help_format="plaintext",
        suppress_keyboard_interrupt=False,
    )
    command.default(open_window)
    for name, purpose in (
        ("generate", "Make pictures from words."),
        ("edit", "Redo the masked part of a picture."),
        ("extend", "Continue a picture beyond its edges."),
        ("vary", "Make pictures like another one."),
        ("rank", "Score pictures by how well they fit a text."),
    ):
        command.command(f"studio.cli.{name}:{name}", name=name, help=purpose)
    models = App(name="models", help="The models that can be had.", help_format="plaintext")
    models.command("studio.cli.models:list_models", name="list", help="List the models.")
    gallery = App(name="gallery", help="The pictures that were made.", help_format="plaintext")
    gallery.command("studio.cli.gallery:list_pictures", name="list", help="List the pictures.")
    command.command(models)
    command.command(gallery)
    return command


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
    with app.logging_to_file() as log_file:
        try:
            return _run(sys.argv[1:] if arguments is None else list(arguments))
        except (CycloptsError, UsageError) as error:
            return _say(f"{' '.join(str(error).split())} See sfumato --help.", ExitCode.USAGE)
        except KnownError as error:
            log.info("refused: %s %s", error.message, error.details)
            return _say(error.message, ExitCode.ERROR)
        except (CancelledError, KeyboardInterrupt):
            return _say("cancelled; what was finished is in the gallery.", ExitCode.CANCELLED)
        except BrokenPipeError:
            _let_go_of_output()
            return ExitCode.NOBODY_READS
        except Exception as error:  # the last resort: whatever arrives here is our mistake
            log.exception("bug")
            return _say(_confession(error, log_file), ExitCode.BUG)


def _run(arguments: list[str]) -> int:
    returned = build_command()(
        arguments, exit_on_error=False, print_error=False, result_action="return_value"
    )
    sys.stdout.flush()
    return int(returned or ExitCode.DONE)


def _say(sentence: str, code: ExitCode) -> ExitCode:
    print(f"sfumato: {sentence}", file=sys.stderr)
    return code


def _confession(error: Exception, log_file: Path | None) -> str:
    if log_file is None:
        traceback.print_exc()
    where = "above" if log_file is None else f"in {log_file}"
    return f"an error in Sfumato itself ({type(error).__name__}); details are {where}."


def _let_go_of_output() -> None:
    """Keeps Python from complaining at its end that it cannot write what nobody reads."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
