"""What a release puts into the changelog and onto the forge: its notes, by a template where there is one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from shipit.changelog import notes
from shipit.changelog.containment import contained
from shipit.changelog.editor import Entry
from shipit.changelog.headings import HEADING_STYLES
from shipit.changelog.links import Links
from shipit.changelog.notes import NotesOptions, ReleaseNotes

Fill = Callable[[str, str, Mapping[str, object]], str]
"""A template, its path and values in, the text out; raises UsageError with file and line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template of the project's own: its text, the path that names it, and what fills it in."""

    text: str
    path: str
    fill: Fill


def notes_text(release_notes: ReleaseNotes, options: NotesOptions, template: Template | None) -> str:
    """The notes as text, by the template where there is one."""
    if template is None:
        return notes.render(release_notes, options)
    return contained(template.fill(template.text, template.path, notes.values(release_notes, options)))


def in_file(options: NotesOptions) -> NotesOptions:
    """The same notes for the changelog, where the heading leads to the comparison."""
    return replace(options, compare=False)


def entry(release_notes: ReleaseNotes, text: str, links: Links, style: str) -> Entry:
    """The section as the changelog takes it; its heading leads to the comparison with the version before."""
    link = links.compare(release_notes.previous or "", release_notes.tag or "")
    return Entry(
        version=release_notes.version or "",
        date=release_notes.date,
        notes=text,
        link=link,
        heading_style=HEADING_STYLES[style],
    )
