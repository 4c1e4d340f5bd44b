"""The list of all actions, and the menus that they stand in."""

from __future__ import annotations

from studio.gui.actions.imaging import IMAGE_MENU, IMAGE_SPECS
from studio.gui.actions.layer_specs import LAYER, LAYER_MENU
from studio.gui.actions.registry import SEPARATOR, ActionSpec, Scope
from studio.gui.actions.selecting import SELECT_MENU, SELECT_SPECS
from studio.gui.actions.viewing import VIEW_MENU, VIEW_SPECS
from studio.gui.toolbox import CARDS

PANELS = (
    ("prompt", "Prompt", "panel-left"),
    ("gallery", "Gallery", "panel-bottom"),
    ("layers", "Layers", "layers"),
    ("variations", "Variations", "layout-grid"),
    ("history", "History", "history"),
    ("options", "Tool", "sliders-horizontal"),
    ("navigator", "Navigator", "map"),
)
"""The panels that can be shown and hidden: name, title and icon."""

_FILE = (
    ActionSpec(
        "file.new", "New Picture", "file-plus", "Start an empty picture", ("Ctrl+N", "Ctrl+T")
    ),
    ActionSpec(
        "file.open", "Open…", "folder-open", "Open a picture or a Sfumato document", ("Ctrl+O",)
    ),
    ActionSpec(
        "file.recent", "Open Recent", "history", "Show the files that were opened or saved last"
    ),
    ActionSpec("file.place", "Place as Layer…", "image-plus", "Add a picture file as a new layer"),
    ActionSpec(
        "file.models",
        "Models…",
        "swatch-book",
        "Find, install, check and remove models and adapters",
        ("Ctrl+Shift+M",),
    ),
    ActionSpec(
        "file.import_models",
        "Import Models…",
        "file-plus",
        "Use models and adapters of other programs where they are",
    ),
    ActionSpec(
        "file.find_models",
        "Find Models of Other Programs",
        "search",
        "Look for ComfyUI's, A1111's and others' models on this computer, to use them",
    ),
    ActionSpec("file.save", "Save", "save", "Save the document with its layers", ("Ctrl+S",)),
    ActionSpec(
        "file.save_as", "Save As…", "save-all", "Save under another name", ("Ctrl+Shift+S",)
    ),
    ActionSpec(
        "file.export",
        "Export Picture…",
        "image-down",
        "Write a picture for other programs: PNG, JPEG, PSD and others",
        ("Ctrl+Shift+E",),
    ),
    ActionSpec(
        "file.close", "Close", "x", "Close the document, once nothing is lost by it", ("Ctrl+W",)
    ),
    ActionSpec("file.quit", "Quit", "log-out", "Close Sfumato", ("Ctrl+Q",)),
)
_EDIT = (
    ActionSpec("edit.undo", "Undo", "undo-2", "Take the last step back", ("Ctrl+Z",)),
    ActionSpec(
        "edit.redo", "Redo", "redo-2", "Do the last undone step again", ("Ctrl+Shift+Z", "Ctrl+Y")
    ),
    ActionSpec("edit.cut", "Cut", "scissors", "Copy from the layer and erase it", ("Ctrl+X",)),
    ActionSpec(
        "edit.copy", "Copy", "copy", "Copy what is selected of the layer, or all", ("Ctrl+C",)
    ),
    ActionSpec(
        "edit.copy_merged",
        "Copy Merged",
        "layers",
        "Copy what is selected of the whole picture, or all",
        ("Ctrl+Shift+C",),
    ),
    ActionSpec(
        "edit.paste",
        "Paste as Layer",
        "clipboard-paste",
        "Add what was copied as a new layer",
        ("Ctrl+V",),
    ),
    ActionSpec(
        "edit.paste_new",
        "Paste as Document",
        "clipboard-plus",
        "Open what was copied in a tab of its own",
        ("Ctrl+Alt+V",),
    ),
    ActionSpec(
        "edit.palette",
        "Find an Action…",
        "command",
        "Find any action by its name and run it",
        ("Ctrl+K",),
    ),
)
_VIEW = (
    ActionSpec(
        "view.gallery",
        "Gallery Page",
        "images",
        "Show the gallery over the whole window, or go back to the canvas",
        ("Ctrl+G",),
        checkable=True,
    ),
    ActionSpec(
        "view.panels",
        "Hide Panels",
        "maximize",
        "Leave only the canvas, or bring the panels back",
        ("Tab",),
        checkable=True,
        scope=Scope.CANVAS,
    ),
    ActionSpec(
        "view.full_screen",
        "Full Screen",
        "fullscreen",
        "Use the whole screen",
        ("F11",),
        checkable=True,
    ),
)
_SELECT = (
    *SELECT_SPECS,
    ActionSpec(
        "select.frame_canvas",
        "Frame the Whole Canvas",
        "frame",
        "Let the frame hold the whole canvas",
        ("Ctrl+Shift+F",),
    ),
)
_GENERATE = (
    ActionSpec(
        "generate.start",
        "Generate",
        "sparkles",
        "Do what the line above the button says; a second time queues",
        ("Ctrl+Return", "Ctrl+Enter"),
    ),
    ActionSpec(
        "generate.cancel",
        "Cancel",
        "circle-stop",
        "Stop the generation that runs",
        ("Ctrl+.",),
    ),
    ActionSpec(
        "generate.cancel_all",
        "Cancel Everything",
        "list-x",
        "Stop what runs and drop what waits",
        ("Ctrl+Shift+.",),
    ),
    ActionSpec(
        "generate.queue",
        "Show the Queue",
        "list-ordered",
        "Show what runs and what waits, to cancel it or put it first",
        ("Ctrl+Shift+J",),
    ),
    ActionSpec(
        "generate.pause",
        "Pause the Queue",
        "circle-pause",
        "Let the running generation end and start no other, or go on",
        checkable=True,
    ),
    ActionSpec(
        "generate.free_memory",
        "Free Memory",
        "memory-stick",
        "Unload the models, so that other programs have the memory; the next generation loads them",
    ),
    ActionSpec(
        "generate.vary",
        "Make Variations",
        "shuffle",
        "Make pictures like the one that is shown",
        ("Ctrl+Shift+V",),
    ),
    ActionSpec(
        "generate.talk",
        "Talk about the Picture",
        "message-square",
        "Say what should change, turn by turn, to a model that follows instructions",
        ("Ctrl+Shift+T",),
    ),
    ActionSpec(
        "generate.keep",
        "Keep the Candidate",
        "check",
        "Add the candidate on the canvas as a layer",
        ("Ctrl+Shift+K",),
    ),
    ActionSpec(
        "generate.discard",
        "Discard the Candidates",
        "x",
        "Clear the canvas of candidates; they stay in the gallery",
        ("Ctrl+Shift+D",),
    ),
    ActionSpec(
        "generate.on_release",
        "Generate after Extending",
        "expand",
        "Dragging an edge of the canvas starts the extension at once",
        checkable=True,
    ),
    ActionSpec(
        "generate.prompt",
        "Write a Prompt",
        "pencil",
        "Go to the prompt",
        ("Ctrl+P",),
    ),
)
_WINDOW = (
    ActionSpec(
        "window.next_tab", "Next Document", "arrow-right", "Go to the next tab", ("Ctrl+Tab",)
    ),
    ActionSpec(
        "window.previous_tab",
        "Previous Document",
        "arrow-left",
        "Go to the tab before",
        ("Ctrl+Shift+Tab",),
    ),
    ActionSpec(
        "window.theme_system",
        "Theme of the Desktop",
        "monitor",
        "Dark or light as the desktop is",
        checkable=True,
    ),
    ActionSpec(
        "window.theme_dark", "Dark Theme", "moon", "Light text on neutral grey", checkable=True
    ),
    ActionSpec(
        "window.theme_light", "Light Theme", "sun", "Dark text on light grey", checkable=True
    ),
    *(
        ActionSpec(
            f"window.{name}",
            f"{title} Panel",
            sign,
            f"Show or hide the panel: {title}",
            checkable=True,
        )
        for name, title, sign in PANELS
    ),
    ActionSpec(
        "window.reset", "Reset the Layout", "rotate-ccw", "Put every panel back in its place"
    ),
)
_HELP = (
    ActionSpec(
        "help.shortcuts", "Shortcuts", "keyboard", "Show every action with its keys", ("F1",)
    ),
    ActionSpec("help.about", "About Sfumato", "info", "Version, licence and folders"),
)
_TOOLS = tuple(
    ActionSpec(
        f"tool.{card.id}",
        card.title,
        card.icon,
        card.tip,
        (card.keys,),
        checkable=True,
        exclusive=True,
    )
    for card in CARDS.values()
)
_BRUSH = (
    ActionSpec("brush.smaller", "Smaller Brush", "minus", "Make the brush smaller", ("[",)),
    ActionSpec("brush.larger", "Larger Brush", "plus", "Make the brush larger", ("]",)),
    ActionSpec(
        "brush.swap",
        "Swap Brush and Eraser",
        "refresh-cw",
        "From painting to erasing and back",
        ("X",),
    ),
)

SPECS: tuple[ActionSpec, ...] = (
    *_FILE, *_EDIT, *IMAGE_SPECS,
    *VIEW_SPECS, *_VIEW, *LAYER, *_SELECT, *_GENERATE, *_WINDOW, *_HELP, *_TOOLS, *_BRUSH
)  # fmt: skip
"""Every action of the window."""

MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "&File",
        (
            "file.new", "file.open", "file.recent", "file.place", SEPARATOR,
            "file.save", "file.save_as", "file.export", SEPARATOR,
            "file.models", "file.import_models",
            "file.find_models", SEPARATOR,
            "file.close", "file.quit",
        ),
    ),
    (
        "&Edit",
        ("edit.undo", "edit.redo", SEPARATOR,
         "edit.cut", "edit.copy", "edit.copy_merged", "edit.paste", "edit.paste_new",
         "edit.clear", "edit.fill", SEPARATOR, "brush.swap", "brush.smaller", "brush.larger",
         SEPARATOR, "edit.palette"),
    ),
    (
        "&View",
        (*VIEW_MENU, SEPARATOR,
         "view.gallery", "view.panels", "view.full_screen"),
    ),
    ("&Image", IMAGE_MENU),
    (
        "&Layer",
        LAYER_MENU,
    ),
    ("&Select", SELECT_MENU),
    (
        "&Generate",
        ("generate.prompt", "generate.start", "generate.cancel", "generate.cancel_all", SEPARATOR,
         "generate.keep", "generate.vary", "generate.talk", "generate.discard", SEPARATOR,
         "generate.queue", "generate.pause", "generate.free_memory", SEPARATOR,
         "generate.on_release"),
    ),
    (
        "&Window",
        ("window.next_tab", "window.previous_tab", SEPARATOR,
         "window.theme_system", "window.theme_dark", "window.theme_light", SEPARATOR,
         *(f"window.{name}" for name, _, _ in PANELS), SEPARATOR, "window.reset"),
    ),
    ("&Help", ("help.shortcuts", "help.about")),
)  # fmt: skip
"""The menu bar, by action ids."""
