"""What a release puts into the changelog and onto the forge: its notes, by a template where there is one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from shipit.changelog import notes
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


def notes_text(told: ReleaseNotes, options: NotesOptions, template: Template | None) -> str:
    """The notes as text, by the template where there is one."""
    if template is None:
        return notes.render(told, options)
    return template.fill(template.text, template.path, notes.values(told, options))


def in_file(options: NotesOptions) -> NotesOptions:
    """The same notes for the changelog, where the heading leads to the comparison."""
    return replace(options, compare=False)


def entry(told: ReleaseNotes, text: str, links: Links, style: str) -> Entry:
    """The section as the changelog takes it; its heading leads to the comparison with the version before."""
    link = links.compare(told.previous or "", told.tag or "")
    return Entry(version=told.version or "", date=told.date, notes=text, link=link, manner=HEADING_STYLES[style])
