"""The `sfumato` command line: its subcommands and their options."""

from __future__ import annotations

from collections.abc import Callable

from cyclopts import App, CycloptsError

from studio import __version__
from studio.cli.errors import ExitCode, UsageError

HELP = """Make, edit and keep pictures with a diffusion model on your own computer.

Without a command the window opens, with FILES in it.

With --json a command prints one JSON object a line; one that fails ends with
{"error": {"code": EXIT CODE, "type": "gallery", "message": "A sentence."}}."""


def run_command(arguments: list[str], open_window: Callable[..., int]) -> int:
    """Runs what the arguments say and returns its exit code.

    Args:
        arguments: without the program's name.
        open_window: called with the files where they name no subcommand.

    Raises:
        UsageError: if they cannot be understood.
    """
    try:
        returned = build_command(open_window)(
            arguments, exit_on_error=False, print_error=False, result_action="return_value"
        )
    except CycloptsError as error:
        raise UsageError(str(error)) from error
    return int(returned or ExitCode.DONE)


def build_command(open_window: Callable[..., int]) -> App:
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
        ("upscale", "Enlarge a picture by 2 or 4."),
        ("rank", "Score pictures by how well they fit a text."),
        ("memory", "Show the device, and how models fit into its memory."),
    ):
        command.command(f"studio.cli.{name}:{name}", name=name, help=purpose)
    models = App(name="models", help="The models that can be had.", help_format="plaintext")
    for name, target, purpose in (
        ("list", "listing:list_models", "List the models and adapters."),
        ("show", "listing:show_model", "Show all that is known of one."),
        ("install", "installing:install", "Download models, or go on with it, or mend them."),
        ("import", "importing:import_models", "Use models that lie on this computer."),
        ("find", "importing:find", "Look for models of other programs on this computer."),
        ("verify", "installing:verify_models", "Check every file of installed models."),
        ("remove", "installing:remove_models", "Remove installed models."),
        ("path", "listing:print_path", "Print where a model lies."),
        ("hub", "hub:choose_hub", "Print or choose where models come from."),
        ("token", "token:store_token", "Keep your token for gated models in the keyring."),
    ):
        models.command(f"studio.cli.models.{target}", name=name, help=purpose)
    gallery = App(name="gallery", help="The pictures that were made.", help_format="plaintext")
    gallery.command("studio.cli.gallery:list_pictures", name="list", help="List the pictures.")
    command.command(models)
    command.command(gallery)
    return command
