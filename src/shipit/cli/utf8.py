"""File names, variables and git speak UTF-8, whatever the locale of the terminal is: else begin again in that mode.

Python reads names in the encoding of the locale. Under an old one, such as ISO-8859-1, each name with an accent
would be read as another one. What is printed stays in the encoding of the terminal.
"""

import os
import sys

_MARK = "SHIPIT_BEGAN_AGAIN"


def require() -> None:
    """Return in UTF-8 mode; under another encoding the process is replaced by itself."""
    if os.environ.pop(_MARK, None):
        os.environ.pop("PYTHONIOENCODING", None)
    if sys.getfilesystemencoding() == "utf-8":
        return
    if "PYTHONIOENCODING" not in os.environ and sys.stdout is not None:
        os.environ |= {_MARK: "1", "PYTHONIOENCODING": f"{sys.stdout.encoding}:{sys.stdout.errors}"}
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - ourselves
