"""Editions of the notes, read from this clone's history."""

from collections.abc import Iterator
from pathlib import Path

from shipit.adapters import history
from shipit.changelog import editor, notes
from shipit.changelog.links import Links
from shipit.changelog.notes import Edition, Style
from shipit.commands.outlook import Outlook, now
from shipit.errors import Refused, UsageError
from shipit.versioning.changes import changes, judge
from shipit.versioning.eras import Era, eras
from shipit.versioning.tags import version_of, version_tags


def style(outlook: Outlook) -> Style:
    """How this repository's notes look."""
    return Style(outlook.config.changelog.sections, Links(outlook.links))


def unreleased(outlook: Outlook) -> Edition:
    """What came since the last final release."""
    seen = outlook.survey
    found = version_tags(seen.reachable, outlook.config.version.tag_format)
    previous = next((each.tag.name for each in found if each.version.is_final), None)
    return Edition(changes(judge(seen.commits, outlook.config.version)), previous=previous)


def everything(outlook: Outlook) -> Iterator[Edition]:
    """An edition of every final release in the history, newest first; on top what is not released, if anything."""
    policy = outlook.config.version
    commits = history.read(outlook.top, None, outlook.place.head)
    finals = [each for each in version_tags(history.tags(outlook.top), policy.tag_format) if each.version.is_final]
    editions = (_edition(era, outlook) for era in eras(commits, finals))
    yield from (edition for edition in editions if edition.tag or edition.changes)


def between(outlook: Outlook, span: str) -> Edition:
    """What is reachable from B and not from A, for `A..B`; raises UsageError for another form or unknown names."""
    start, dots, end = span.partition("..")
    if not dots or not start or start.startswith("-") or end.startswith((".", "-")):
        raise UsageError(f"`{span}` is not a range", hint="write it like v1.0.0..v1.1.0")
    since, until = (history.resolve(outlook.top, name) for name in (start, end or "HEAD"))
    history.require_complete(outlook.place)
    commits = history.read(outlook.top, since, until)
    policy = outlook.config.version
    version = version_of(end, policy.tag_format) if end else None
    time = commits[0].time if version and commits else None
    return Edition(changes(judge(commits, policy)), end or None, str(version) if version else None, start, time)


def upcoming(outlook: Outlook) -> Edition:
    """The edition of the release that would come next; raises Refused if none would."""
    decision = outlook.decide("auto", None)
    if decision.version is None:
        raise Refused(f"nothing to write: {decision.why}")
    tag = outlook.config.version.tag_format.format(version=decision.version)
    return Edition(decision.changes, tag, decision.version, decision.previous, now())


def page(edition: Edition, look: Style) -> str:
    """An edition with its heading, as `shipit changelog` prints it."""
    title = f"[{edition.version}] - {edition.date}" if edition.version else edition.tag or "Unreleased"
    return f"## {title}\n\n{notes.render(edition, look)}".rstrip()


def write(outlook: Outlook, editions: list[Edition]) -> Path | None:
    """Insert these editions, newest first, into the changelog; returns its path, or None if it told of them all.

    Raises UsageError without a changelog, Refused if an older edition would have to go below a newer one.
    """
    name = outlook.config.changelog.file
    if name is None:
        raise UsageError("no changelog is configured", hint="set changelog.file in [tool.shipit]")
    path = outlook.top / name
    before = path.read_bytes() if path.exists() else None
    if before and len(editions) > 1:
        hint = "move it away to write it anew, or write one version with `shipit changelog RANGE --write`"
        raise Refused(f"{name} exists already, and all versions can only be written to a new file", hint=hint)
    after = before
    look = style(outlook)
    for edition in reversed(editions):
        entry = editor.Entry(edition.version or "", edition.date, notes.render(edition, look))
        after = editor.insert_bytes(after, entry)
    if after is None or after == before:
        return None
    path.write_bytes(after)
    return path


def _edition(era: Era, outlook: Outlook) -> Edition:
    found = changes(judge(era.commits, outlook.config.version))
    if era.release is None:
        return Edition(found, previous=era.previous)
    return Edition(found, era.release.tag.name, str(era.release.version), era.previous, era.time)
