"""Where `shipit status --html FILE` goes."""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import shipit
from shipit.adapters import outputs, pages
from shipit.adapters.git.tracked import is_tracked
from shipit.deploy.reports import Seen
from shipit.deploy.status_page import NAME, StatusPage
from shipit.release.outside import Outside


def checked(outside: Outside, file: Path) -> Path:
    """Where the page goes; raises UsageError for a file that is tracked or a folder."""
    return outputs.free(file, "--html", outside.top, is_tracked=partial(is_tracked, outside.top))


def write(outside: Outside, target: Path, report: Mapping[str, Any], environments: Sequence[Seen]) -> None:
    """Write the page; `report` is what `shipit status --json` says of releases."""
    made = StatusPage(
        report=report,
        environments=environments,
        home=outside.links or "",
        now=time.time(),
        shipit=shipit.__version__,
    )
    outputs.write(target, pages.page(NAME, made.facts()))
