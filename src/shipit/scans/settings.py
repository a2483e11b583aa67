"""What every scanner gets to know of the tree that it looks at."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

RegistryLogin = Callable[[str], AbstractContextManager[Mapping[str, str | None]]]
"""Takes the host of a registry; gives variables by which a program finds its login there, while it lasts."""


def no_login(_host: str) -> AbstractContextManager[Mapping[str, str | None]]:
    """Leave the login to what the program finds by itself."""
    return nullcontext({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSettings:
    """The tree and what shipit itself knows of it.

    `tracked` are the files that git tracks, relative to `tree` with `/`, without symbolic links and submodules.
    `licenses` are the SPDX names that may be used. `images` are name and reference, with a digest or a tag.
    `reports` is the folder, below `tree` unless absolute, that SBOMs are written to.
    `timeout` in seconds for one scan; `environment` is added to ours, None removes a variable. Once `stopping` is
    set, nobody waits for a scanner any more. `login` is for who asks the registry of an image, and for nobody else.
    """

    tree: Path
    tracked: tuple[str, ...]
    licenses: tuple[str, ...]
    codeql_sarif: Path
    images: tuple[tuple[str, str], ...]
    project_name: str
    timeout: float
    environment: Mapping[str, str | None]
    reports: Path = Path("reports")
    stopping: Event = field(default_factory=Event)
    login: RegistryLogin = no_login
