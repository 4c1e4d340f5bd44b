"""Numbers and states in words that people use."""

from __future__ import annotations

from collections.abc import Iterable

from studio.engine.protocol import Phase, Progress
from studio.generation.request import Ranking, Request

_NAME_LENGTH = 60
_TIP_LENGTH = 400
_TASKS = {
    "text_to_image": "pictures from words",
    "image_to_image": "pictures from pictures",
    "inpaint": "filling and extending",
    "variation": "variations",
    "edit": "following instructions",
    "blend": "blends",
}
_UNITS = ("B", "KB", "MB", "GB", "TB")


def bytes_words(count: int) -> str:
    """Such as ``1.2 GB``.

    >>> bytes_words(0), bytes_words(64 * 2**20), bytes_words(5 * 2**28)
    ('0 B', '64 MB', '1.2 GB')
    """
    size, unit = float(count), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    digits = 1 if unit >= 3 and size < 10 else 0
    return f"{size:.{digits}f} {_UNITS[unit]}"


def shortened(words: str, length: int) -> str:
    """No longer than so many characters, cut wherever that is: not every script parts words.

    >>> shortened("a red boat", 10), shortened("a red boat", 9), shortened("海の上の赤い船", 5)
    ('a red boat', 'a red bo…', '海の上の…')
    """
    return words if len(words) <= length else f"{words[: length - 1].rstrip()}…"


def tip_words(prompt: str) -> str:
    """A prompt as far as a tip has room for it."""
    return shortened(prompt, _TIP_LENGTH)


def seconds_words(seconds: float) -> str:
    """Such as ``8 s``, ``2 min 5 s`` or ``1 h 10 min``.

    >>> seconds_words(0.4), seconds_words(125), seconds_words(4200)
    ('1 s', '2 min 5 s', '1 h 10 min')
    """
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def ago_words(seconds: float) -> str:
    """Such as ``just now``, ``5 minutes ago`` or ``2 days ago``.

    >>> ago_words(3), ago_words(100), ago_words(7200), ago_words(200_000)
    ('just now', '1 minute ago', '2 hours ago', '2 days ago')
    """
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        count = int(seconds // size)
        if count > 0:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def progress_words(event: Progress) -> str:
    """What the engine is doing, how far it is, and how long it will take.

    >>> progress_words(Progress(job_id="a", phase="painting", step=3, total=20, seconds_left=4))
    'painting 3 of 20 · 4 s left'
    >>> progress_words(Progress(job_id="a", phase="loading the model", step=2**30, total=2**32))
    'loading the model · 1.0 GB of 4.0 GB'
    """
    parts = [str(event.phase)]
    if event.total and event.phase == Phase.LOADING:
        parts.append(f"{bytes_words(event.step)} of {bytes_words(event.total)}")
    elif event.total:
        parts[0] += f" {event.step} of {event.total}"
    if event.seconds_left is not None and event.fraction < 1:
        parts.append(f"{seconds_words(event.seconds_left)} left")
    return " · ".join(parts)


def request_words(request: Request) -> str:
    """What a request is known by in a list: its prompt, or what it does."""
    words = shortened(" ".join(request.prompt.split()), _NAME_LENGTH)
    task = str(type(request).__struct_config__.tag).replace("_", " ").capitalize()
    return words or task


def request_details(request: Request) -> str:
    """Size and number of what a request makes, such as ``512 × 768 · 4 pictures``."""
    if isinstance(request, Ranking):
        return f"{len(request.pictures)} pictures to score"
    parts = [f"{request.width} × {request.height}"]
    if request.count > 1:
        parts.append(f"{request.count} pictures")
    return " · ".join(parts)


def queue_words(running: int, waiting: int, paused: bool) -> str:
    """How many jobs there are; empty where there is nothing to say.

    >>> queue_words(1, 2, paused=False), queue_words(0, 3, paused=True)
    ('1 running, 2 waiting', 'queue paused, 3 waiting')
    """
    parts = [f"{running} running"] if running else []
    parts += ["queue paused"] if paused else []
    parts += [f"{waiting} waiting"] if waiting else []
    return ", ".join(parts)


def dropped_words(waiting: int) -> str:
    """What becomes of waiting jobs when the program is closed; empty where none waits.

    >>> dropped_words(1), dropped_words(3), dropped_words(0)
    ('1 job is waiting and will be dropped.', '3 jobs are waiting and will be dropped.', '')
    """
    if not waiting:
        return ""
    jobs = "1 job is" if waiting == 1 else f"{waiting} jobs are"
    return f"{jobs} waiting and will be dropped."


def tasks_words(tasks: Iterable[str]) -> str:
    """What a model does, by the names of the catalog's tasks.

    >>> tasks_words(["text_to_image", "edit"])
    'pictures from words, following instructions'
    """
    return ", ".join(_TASKS.get(task, task) for task in tasks)
