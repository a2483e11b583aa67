"""The notes of releases, read from this clone's history."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from shipit.adapters.git import history, query, tags
from shipit.changelog import notes
from shipit.changelog.links import Links
from shipit.changelog.notes import NotesOptions, ReleaseNotes
from shipit.changelog.people import newcomers, renamed
from shipit.config.clock import now
from shipit.errors import Refused, UsageError
from shipit.repository.clone import Clone
from shipit.versioning.changes import changes, evaluate
from shipit.versioning.eras import Era, eras
from shipit.versioning.glance import Glance
from shipit.versioning.policy import Policy
from shipit.versioning.tags import version_of, version_tags
from shipit.versioning.units import PLAIN, Reading


def style(clone: Clone, *, people: bool = False) -> NotesOptions:
    """How this repository's notes look."""
    return NotesOptions(clone.config.changelog.sections, Links(clone.links), people)


def unreleased(clone: Clone) -> ReleaseNotes:
    """What came since the last final release."""
    seen = clone.survey
    found = version_tags(seen.reachable, clone.config.version.tag_format)
    previous = next((each.tag.name for each in found if each.version.is_final), None)
    verdicts = evaluate(seen.commits, clone.config.version, clone.since_final)
    return ReleaseNotes(changes(verdicts), previous=previous)


def everything(clone: Clone, *, brief: bool = False) -> Iterator[ReleaseNotes]:
    """An edition of every final release in the history, newest first; on top what is not released, if anything.

    A brief one leaves out what its notes would not tell: changes of other types, who made them and when.
    """
    policy, changelog = clone.config.version, clone.config.changelog
    reading = clone.reading(None, clone.repository.head)
    brief = brief and reading == PLAIN and changelog.template is None
    finals = [each for each in version_tags(tags.read(clone.top), policy.tag_format) if each.version.is_final]
    short = Glance(policy, changelog.sections) if brief else None
    times = history.times(clone.top, [each.tag.commit for each in finals])
    records = history.records(clone.top, clone.repository.head, people=not brief)
    all_notes = (_edition(era, policy, reading, short, times) for era in eras(records, finals))
    yield from (release_notes for release_notes in all_notes if release_notes.tag or release_notes.changes)


def between(clone: Clone, span: str) -> ReleaseNotes:
    """What is reachable from B and not from A, for `A..B`; raises UsageError for another form or unknown names."""
    start, dots, end = span.partition("..")
    if not dots or not start or start.startswith("-") or end.startswith((".", "-")):
        raise UsageError(f"`{span}` is not a range", hint="write it like v1.0.0..v1.1.0")
    since, until = (query.resolve(clone.top, name) for name in (start, end or "HEAD"))
    query.require_complete(clone.repository)
    commits = history.read(clone.top, since, until)
    policy = clone.config.version
    version = version_of(end, policy.tag_format) if end else None
    time = commits[0].time if version and commits else None
    found = changes(evaluate(commits, policy, clone.reading(since, until)))
    return ReleaseNotes(found, end or None, str(version) if version else None, start, time)


def upcoming(clone: Clone) -> ReleaseNotes:
    """The edition of the release that would come next; raises Refused if none would."""
    decision = clone.decide("auto", None)
    if decision.version is None:
        raise Refused(f"nothing to write: {decision.why}")
    tag = clone.config.version.tag_format.format(version=decision.version)
    return ReleaseNotes(decision.changes, tag, decision.version, decision.previous, now(os.environ))


def with_newcomers(clone: Clone, release_notes: ReleaseNotes) -> ReleaseNotes:
    """The edition with people as .mailmap calls them, and those who are new; before the first release nobody is."""
    release_notes = with_names(clone, release_notes)
    if release_notes.previous is None:
        return release_notes
    known = history.authors(clone.top, query.resolve(clone.top, release_notes.previous))
    return replace(release_notes, newcomers=newcomers(release_notes.changes, known))


def with_names(clone: Clone, release_notes: ReleaseNotes) -> ReleaseNotes:
    """The edition with co-authors as .mailmap calls them."""
    from shipit.adapters.git import mailmap  # noqa: PLC0415 - only notes with people pay for it

    changes = renamed(release_notes.changes, lambda people: mailmap.known_as(clone.top, people))
    return replace(release_notes, changes=changes)


def page(release_notes: ReleaseNotes, options: NotesOptions, clone: Clone) -> str:
    """The notes with their heading, as `shipit changelog` prints them."""
    heading = f"## {release_notes.tag or 'Unreleased'}"
    if release_notes.version:
        from shipit.changelog.headings import HEADING_STYLES  # noqa: PLC0415 - without a version there is no style

        heading = HEADING_STYLES[clone.config.changelog.style].write(release_notes.version, release_notes.date, "")
    return f"{heading}\n\n{_text(release_notes, options, clone)}".rstrip()


def _text(release_notes: ReleaseNotes, options: NotesOptions, clone: Clone) -> str:
    name = clone.config.changelog.template
    if name is None:
        return notes.render(release_notes, options)
    from shipit.adapters.jinja import fill  # noqa: PLC0415 - who has a template pays for it
    from shipit.changelog.entry import Template, notes_text  # noqa: PLC0415 - as above

    return notes_text(
        release_notes, options, Template(text=clone.text(name, "changelog.template"), path=name, fill=fill)
    )


def write(clone: Clone, all_notes: list[ReleaseNotes], *, people: bool = False) -> Path | None:
    """Insert these editions, newest first, into the changelog; returns its path, or None if all of them are there.

    Raises UsageError without a changelog, Refused if an older edition would have to go below a newer one.
    """
    from shipit.adapters import files  # noqa: PLC0415 - who only reads need not know how files are written
    from shipit.changelog import editor  # noqa: PLC0415 - as above
    from shipit.changelog.entry import entry, in_file  # noqa: PLC0415 - as above

    path = _file(clone)
    before = path.read_bytes() if path.exists() else None
    if before and len(all_notes) > 1:
        hint = "move it away to write it anew, or write one version with `shipit changelog RANGE --write`"
        raise Refused(f"{path.name} exists already, and all versions can only be written to a new file", hint=hint)
    after = before
    options = in_file(style(clone, people=people))
    for release_notes in reversed(all_notes):
        by_hand = bool(release_notes.version) and bool(editor.collected(after))
        text = _text(release_notes, replace(options, has_more=by_hand), clone)
        after = editor.insert_bytes(after, entry(release_notes, text, options.links, clone.config.changelog.style))
    if after is None or after == before:
        return None
    files.write(path, after)
    return path


def adopt(clone: Clone) -> str:
    """Mark the place of new versions in the changelog if none is recognised; returns what to say of it.

    Raises UsageError without a changelog, Refused where there is nothing in it.
    """
    from shipit.adapters import files  # noqa: PLC0415 - as above
    from shipit.changelog import adoption, editor, insertion  # noqa: PLC0415 - as above

    path = _file(clone)
    text = editor.decoded(path.read_bytes()) if path.exists() else ""
    if not text.strip():
        raise Refused(
            f"there is no {path.name} to adopt",
            hint="the first release makes one; `shipit changelog --all --write` lists those before",
        )
    adopted = adoption.adopt(text)
    where = f"{path.name}:{adoption.line(adopted)}"
    if adopted == text:
        return f"nothing to do: new versions go to {where}"
    files.write(path, adopted.encode("utf-8", "surrogateescape"))
    return f"marked the place of new versions, which go to {where}: {insertion.MARKER}"


def _file(clone: Clone) -> Path:
    """The changelog, to be written; raises UsageError where there can be none, Refused where it is a link out."""
    from shipit.adapters import files  # noqa: PLC0415 - as above
    from shipit.changelog import editor  # noqa: PLC0415 - as above

    name = clone.config.changelog.file
    if name is None:
        raise UsageError("no changelog is configured", hint="set changelog.file in [tool.shipit]")
    editor.require_markdown(name)
    path = clone.top / name
    wrong = [one for one in path.parents if one.is_file()]
    if wrong or path.is_dir():
        what = f"{wrong[0].relative_to(clone.top)} is a file" if wrong else f"{name} is a folder"
        raise UsageError(
            f"the changelog cannot be written to {name}: {what}",
            where="changelog.file",
            hint="name a file: set changelog.file",
        )
    files.inside(clone.top, name)
    return path


def _edition(
    era: Era, policy: Policy, reading: Reading, short: Glance | None, times: Mapping[str, int]
) -> ReleaseNotes:
    """The edition of an era; a short way leaves out what its notes would not tell."""
    if era.release is None or short is None:
        found = changes(evaluate([record.commit for record in era.commits], policy, reading))
    else:
        found = short.changes(era.commits)
    if era.release is None:
        return ReleaseNotes(found, previous=era.previous)
    tag, version = era.release.tag, era.release.version
    return ReleaseNotes(found, tag.name, str(version), era.previous, times[tag.commit])
