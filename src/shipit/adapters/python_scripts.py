"""Migrations written in Python: compiled and loaded as a module of their own, when they are to run."""

import types
from collections.abc import Callable, Mapping
from typing import Any

from shipit.errors import Refused

Function = Callable[[Any], object]
_NAMES = ("up", "down", "verify")


def load(path: str, text: str) -> Mapping[str, Function]:
    """Run the file's top level and return those of up, down and verify that it defines; raises Refused.

    The text is the one that was read and hashed, not what the disk holds by now.
    """
    module = types.ModuleType("shipit_migration")
    module.__file__ = path
    try:
        exec(compile(text, path, "exec"), module.__dict__)  # noqa: S102 - running the project's own script is the task
    except (Exception, SystemExit) as error:  # a script that calls exit() would end us with a code of its own
        what = f"{path} cannot be loaded: {type(error).__name__}"
        raise Refused(what, where=_line(error, path), evidence=[str(error)]) from error
    found = {name: getattr(module, name, None) for name in _NAMES}
    return {name: function for name, function in found.items() if callable(function)}


def _line(error: BaseException, path: str) -> str:
    """The innermost line of the script that was running."""
    if isinstance(error, SyntaxError) and error.lineno:
        return f"{path}:{error.lineno}:{error.offset}"
    line, step = 1, error.__traceback__
    while step:
        if step.tb_frame.f_code.co_filename == path:
            line = step.tb_lineno
        step = step.tb_next
    return f"{path}:{line}"
