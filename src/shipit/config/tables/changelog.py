"""[tool.shipit.changelog]: the changelog file and the headings of the release notes."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import InsidePath, OptionalPath, spell_paths


def _sections() -> dict[str, str]:
    return {
        "feat": "Features",
        "fix": "Fixes",
        "perf": "Performance",
        "revert": "Reverted",
        "docs": "Documentation",
    }


class Changelog(Section, frozen=True):
    """The file that lists what changed in each version."""

    file: Annotated[OptionalPath | None, Meta(description="the changelog; an empty text for none")] = "CHANGELOG.md"
    style: Annotated[
        Literal["keep-a-changelog", "conventional"],
        Meta(description="how headings are written in a file without any; other files keep their own style"),
    ] = "keep-a-changelog"
    template: Annotated[
        InsidePath | None, Meta(description="Jinja template for the release notes, instead of `sections`")
    ] = None
    sections: Annotated[
        dict[str, str], Meta(description="commit type to heading; types without a heading are left out")
    ] = msgspec.field(default_factory=_sections)

    def __post_init__(self) -> None:
        """Turn the empty text into None, since TOML has no null, and give the paths their one spelling."""
        if self.file == "":
            msgspec.structs.force_setattr(self, "file", None)
        spell_paths(self, "file", "template")
