"""A project: a repository, or one of its packages, as the configuration describes it."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from shipit.errors import UsageError

if TYPE_CHECKING:
    from shipit.config.tables import Config  # light commands do without the tables


class Project(Struct, frozen=True, dict=True):  # the dict is where cached properties live
    """The top of a work tree with its whole configuration; `package` is empty for the repository itself."""

    top: Path
    whole: "Config"
    package: str = ""

    @cached_property
    def config(self) -> "Config":
        """The configuration in force; raises UsageError if there is no package of this name."""
        if not self.package:
            return self.whole
        from shipit.config.packages import for_package  # noqa: PLC0415 - most repositories have no packages

        return for_package(self.top, self.whole, self.package)

    @cached_property
    def name(self) -> str:
        """The name on the index; raises UsageError if it is not set anywhere."""
        from shipit.config.pyproject import project_name  # noqa: PLC0415 - light commands need no name

        return project_name(self.top, self.config)

    @property
    def name_or_nothing(self) -> str:
        """The name, empty where none is set."""
        try:
            return self.name
        except UsageError:
            return ""

    @property
    def folder(self) -> str:
        """The folder of the package, relative to the top; empty for the whole repository."""
        return self.whole.packages[self.package].path if self.package else ""

    @property
    def initial_key(self) -> str:
        """The key that sets the version of the first release of this project alone."""
        if not self.package:
            return "version.initial"
        from shipit.config.mistake import dotted  # noqa: PLC0415 - most repositories have no packages

        return dotted("packages", self.package, "initial")

    @property
    def initial_origin(self) -> str:
        """The key from which that version comes: a package without one of its own has that of the repository."""
        own = not self.package or self.whole.packages[self.package].initial is not None
        return self.initial_key if own else "version.initial"

    @property
    def foreign_formats(self) -> tuple[str, ...]:
        """The tag formats of the other packages in this repository, and of the repository itself for a package.

        A sole package may have that of the repository, where there is no project at the top.
        """
        packages = getattr(self.whole, "packages", {})  # light commands know of none
        if not packages:
            return ()
        from shipit.config.packages import tag_format  # noqa: PLC0415 - most repositories have no packages

        names = ("", *(name for name in packages if name != self.package)) if self.package else tuple(packages)
        formats = (tag_format(self.whole, name) for name in names)
        return tuple(one for one in formats if one != self.config.version.tag_format)

    def of(self, package: str) -> "Project":
        """One of the repository's packages, or the repository itself for an empty name."""
        return self if package == self.package else Project(self.top, self.whole, package)


def open_project(start: Path, package: str = "", *, git: bool = True) -> Project:
    """The project that a folder belongs to; `git` as in sources.find_top.

    Raises UsageError outside of a repository and for a configuration with mistakes, all named together.
    """
    from shipit.config.loading import load  # noqa: PLC0415 - the plainest forms do without the tables

    return Project(*load(start, git=git), package)
