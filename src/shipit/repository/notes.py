"""Editions of the notes, read from this clone's history."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from shipit.adapters.git import clone, history, tags
from shipit.changelog import notes
from shipit.changelog.links import Links
from shipit.changelog.notes import Edition, Style
from shipit.changelog.people import newcomers
from shipit.errors import Refused, UsageError
from shipit.repository.clone import Outlook, now
from shipit.versioning.changes import changes, judge
from shipit.versioning.eras import Era, eras
from shipit.versioning.glance import Glance
from shipit.versioning.policy import Policy
from shipit.versioning.tags import version_of, version_tags
from shipit.versioning.units import PLAIN, Reading


def style(outlook: Outlook, *, people: bool = False) -> Style:
    """How this repository's notes look."""
    return Style(outlook.config.changelog.sections, Links(outlook.links), people)


def unreleased(outlook: Outlook) -> Edition:
    """What came since the last final release."""
    seen = outlook.survey
    found = version_tags(seen.reachable, outlook.config.version.tag_format)
    previous = next((each.tag.name for each in found if each.version.is_final), None)
    verdicts = judge(seen.commits, outlook.config.version, outlook.since_final)
    return Edition(changes(verdicts), previous=previous)


def everything(outlook: Outlook, *, brief: bool = False) -> Iterator[Edition]:
    """An edition of every final release in the history, newest first; on top what is not released, if anything.

    A brief one leaves out what its notes would not tell: changes of other types, who made them and when.
    """
    policy, changelog = outlook.config.version, outlook.config.changelog
    reading = outlook.reading(None, outlook.place.head)
    brief = brief and reading == PLAIN and changelog.template is None
    finals = [each for each in version_tags(tags.read(outlook.top), policy.tag_format) if each.version.is_final]
    short = Glance(policy, changelog.sections) if brief else None
    records = history.records(outlook.top, outlook.place.head, people=not brief)
    editions = (_edition(era, policy, reading, short) for era in eras(records, finals))
    yield from (edition for edition in editions if edition.tag or edition.changes)


def between(outlook: Outlook, span: str) -> Edition:
    """What is reachable from B and not from A, for `A..B`; raises UsageError for another form or unknown names."""
    start, dots, end = span.partition("..")
    if not dots or not start or start.startswith("-") or end.startswith((".", "-")):
        raise UsageError(f"`{span}` is not a range", hint="write it like v1.0.0..v1.1.0")
    since, until = (clone.resolve(outlook.top, name) for name in (start, end or "HEAD"))
    clone.require_complete(outlook.place)
    commits = history.read(outlook.top, since, until)
    policy = outlook.config.version
    version = version_of(end, policy.tag_format) if end else None
    time = commits[0].time if version and commits else None
    found = changes(judge(commits, policy, outlook.reading(since, until)))
    return Edition(found, end or None, str(version) if version else None, start, time)


def upcoming(outlook: Outlook) -> Edition:
    """The edition of the release that would come next; raises Refused if none would."""
    decision = outlook.decide("auto", None)
    if decision.version is None:
        raise Refused(f"nothing to write: {decision.why}")
    tag = outlook.config.version.tag_format.format(version=decision.version)
    return Edition(decision.changes, tag, decision.version, decision.previous, now())


def with_newcomers(outlook: Outlook, edition: Edition) -> Edition:
    """The edition with those who contribute for the first time; before the first release nobody is new."""
    if edition.previous is None:
        return edition
    known = history.authors(outlook.top, clone.resolve(outlook.top, edition.previous))
    return replace(edition, newcomers=newcomers(edition.changes, known))


def page(edition: Edition, look: Style, outlook: Outlook) -> str:
    """An edition with its heading, as `shipit changelog` prints it."""
    heading = f"## {edition.tag or 'Unreleased'}"
    if edition.version:
        from shipit.changelog.headings import MANNERS  # noqa: PLC0415 - what is unreleased has no heading of its own

        heading = MANNERS[outlook.config.changelog.style].write(edition.version, edition.date, "")
    return f"{heading}\n\n{_notes(edition, look, outlook)}".rstrip()


def _notes(edition: Edition, look: Style, outlook: Outlook) -> str:
    """The notes, by the template where one is configured."""
    name = outlook.config.changelog.template
    if name is None:
        return notes.render(edition, look)
    from shipit.adapters.jinja import fill  # noqa: PLC0415 - who has a template pays for it

    return fill(outlook.text(name, "changelog.template"), name, notes.values(edition, look))


def write(outlook: Outlook, editions: list[Edition], *, people: bool = False) -> Path | None:
    """Insert these editions, newest first, into the changelog; returns its path, or None if it told of them all.

    Raises UsageError without a changelog, Refused if an older edition would have to go below a newer one.
    """
    from shipit.changelog import editor  # noqa: PLC0415 - who only reads need not know how files are written
    from shipit.changelog.headings import MANNERS  # noqa: PLC0415 - as above

    path = _file(outlook)
    before = path.read_bytes() if path.exists() else None
    if before and len(editions) > 1:
        hint = "move it away to write it anew, or write one version with `shipit changelog RANGE --write`"
        raise Refused(f"{path.name} exists already, and all versions can only be written to a new file", hint=hint)
    after = before
    log = outlook.config.changelog
    look = replace(style(outlook, people=people), compare=False)  # the heading leads there
    for edition in reversed(editions):
        link = look.links.compare(edition.previous or "", edition.tag or "")
        text = _notes(edition, look, outlook)
        entry = editor.Entry(edition.version or "", edition.date, text, link, MANNERS[log.style])
        after = editor.insert_bytes(after, entry)
    if after is None or after == before:
        return None
    path.write_bytes(after)
    return path


def adopt(outlook: Outlook) -> str:
    """Mark the place of new versions in the changelog if none is recognised; returns what to say of it.

    Raises UsageError without a changelog, Refused where there is nothing in it.
    """
    from shipit.changelog import adoption, editor, place  # noqa: PLC0415 - as above

    path = _file(outlook)
    text = editor.decoded(path.read_bytes()) if path.exists() else ""
    if not text.strip():
        raise Refused(
            f"there is no {path.name} to adopt",
            hint="the first release makes one; `shipit changelog --all --write` tells of those before",
        )
    adopted = adoption.adopt(text)
    where = f"{path.name}:{adoption.line(adopted)}"
    if adopted == text:
        return f"nothing to do: new versions go to {where}"
    path.write_bytes(adopted.encode("utf-8", "surrogateescape"))
    return f"marked the place of new versions, which go to {where}: {place.MARKER}"


def _file(outlook: Outlook) -> Path:
    name = outlook.config.changelog.file
    if name is None:
        raise UsageError("no changelog is configured", hint="set changelog.file in [tool.shipit]")
    return outlook.top / name


def _edition(era: Era, policy: Policy, reading: Reading, short: Glance | None) -> Edition:
    """The edition of an era; a short way leaves out what its notes would not tell."""
    if era.release is None or short is None:
        found = changes(judge([record.commit for record in era.commits], policy, reading))
    else:
        found = short.changes(era.commits)
    if era.release is None:
        return Edition(found, previous=era.previous)
    return Edition(found, era.release.tag.name, str(era.release.version), era.previous, era.time)
