"""The command: the plainest forms of the light commands at once, everything else by the command line.

Scripts ask `shipit version --next` many times a day, and a third of what that costs is a parser of command lines.
A form that stands here needs none. Whatever goes wrong with it, the command line is asked the same and says so.
"""

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from shipit import git_variables
from shipit.cli import answering, utf8

if TYPE_CHECKING:
    from shipit.repository.answers import Answer

ANSWERS = {
    ("version",): "plain_current",
    ("version", "--next"): "plain_upcoming",
    ("changelog",): "plain_unreleased",
    ("changelog", "--unreleased"): "plain_unreleased",
    ("changelog", "--all"): "plain_everything",
}


def main() -> None:
    """Run the command; the process ends with the exit code of what happened."""
    gc.disable()  # a light command is over before its garbage matters
    utf8.require()
    answering.begin()
    git_variables.forget(os.environ)
    name = ANSWERS.get(tuple(sys.argv[1:]))
    answer = _ask(name) if name else None
    if answer is None:
        from shipit.cli.main import main as command_line

        command_line()
    else:
        _tell(answer)
        _leave()


def _ask(name: str) -> "Answer | None":
    """The answer, or None if the command line has to say why there is none."""
    from shipit import signals
    from shipit.errors import Signalled

    signals.listen()
    try:
        _spare_typing_extensions()
        from shipit.repository import answers

        ask: Callable[[], Answer] = getattr(answers, name)
        return ask()
    except Signalled as caught:
        from shipit.cli.main import interrupted

        sys.exit(interrupted(caught))
    except Exception:  # noqa: BLE001 - the command line does the same and says so
        return None


def _spare_typing_extensions() -> None:
    """Msgspec would ask it before `typing`, which has all that is asked; it brings inspect, ast and dis with it."""
    name = "typing_extensions"
    if name in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment]  # as the import system spells: there is none
    try:
        import msgspec  # noqa: F401 - see above
    finally:
        del sys.modules[name]


def _tell(answer: "Answer") -> None:
    from shipit.errors import ExternalError

    try:
        if answer.out:
            answering.say(answer.out)
        if answer.err:
            answering.say(answer.err, err=True)
    except ExternalError as stop:
        from shipit.cli.main import show

        sys.exit(show(stop))


def _leave() -> None:
    """End now: to take all modules apart one by one is a tenth of what a light command costs."""
    if sys.stdout is sys.__stdout__:  # else somebody listens who goes on in this process
        os._exit(0)
