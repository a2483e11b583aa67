"""The notes of a release: changes in, Markdown or data out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

from msgspec import Struct, to_builtins

from shipit.changelog import markdown
from shipit.changelog.links import Links
from shipit.changelog.people import Contributor, contributors
from shipit.model import Change
from shipit.versioning import message

LIMIT = 125_000
"""Characters that GitHub takes as the text of a release."""

BREAKING = "Breaking changes"
_SHOWN = 10
"""Links of one kind that an entry shows."""


class ReleaseNotes(Struct, frozen=True):
    """What the notes of one release are made of.

    `tag` and `version` are None while unreleased; `previous` is the tag before; `time` is in seconds since the
    epoch; `newcomers` are the e-mail addresses that contribute for the first time, None if that is not known.
    """

    changes: tuple[Change, ...]
    tag: str | None = None
    version: str | None = None
    previous: str | None = None
    time: int | None = None
    newcomers: frozenset[str] | None = None

    @property
    def date(self) -> str:
        """YYYY-MM-DD in UTC; empty while unreleased."""
        return "" if self.time is None else datetime.fromtimestamp(self.time, UTC).strftime("%Y-%m-%d")


class NotesOptions(Struct, frozen=True):
    """`sections` maps commit types to headings, in the order of the notes; types without a heading are left out.

    A breaking change is listed whatever its type. `people` lists the contributors, `compare` adds the link to the
    comparison with the version before. `has_more` says that people wrote something for the edition by hand:
    then it is not empty where nothing is announced.
    """

    sections: Mapping[str, str]
    links: Links = Links()
    people: bool = False
    compare: bool = True
    has_more: bool = False


def render(release_notes: ReleaseNotes, style: NotesOptions) -> str:
    """The notes as Markdown without a title, ending without a line end.

    An edition without anything to announce says so; what is not released yet and has nothing is empty.
    """
    blocks = list(_blocks(release_notes, style))
    compare = style.links.compare(release_notes.previous or "", release_notes.tag or "HEAD")
    if not blocks and release_notes.tag and not style.has_more:
        since = f"No changes since {release_notes.previous}" if release_notes.previous else "No changes"
        blocks = [f"{markdown.line(since)} that concern users."]
    if compare and style.compare:
        blocks.append(f"**Full changelog**: {compare}")
    return "\n\n".join(blocks)


def data(release_notes: ReleaseNotes, style: NotesOptions) -> dict[str, object]:
    """The same as plain values for JSON."""
    sections = _grouped(release_notes.changes, style.sections)
    return {
        "version": release_notes.version,
        "tag": release_notes.tag,
        "previous": release_notes.previous,
        "date": release_notes.date or None,
        "breaking": [_plain(change) for change in release_notes.changes if change.breaking],
        "sections": {heading: [_plain(change) for change in group] for heading, group in sections.items()},
        "contributors": [
            to_builtins(person) for person in contributors(release_notes.changes, release_notes.newcomers)
        ],
    }


def values(release_notes: ReleaseNotes, style: NotesOptions) -> dict[str, object]:
    """What a template of somebody's own gets: `data`, and the address of the comparison with the version before."""
    compare = style.links.compare(release_notes.previous or "", release_notes.tag or "HEAD")
    return {**data(release_notes, style), "compare": compare or None}


def fit(notes: str, limit: int = LIMIT, link: str = "") -> str:
    """The notes within `limit` characters: cut at the end of a line, with a link to the whole."""
    if len(notes) <= limit:
        return notes
    where = f"the [full notes]({link})" if link else "the changelog for the full notes"
    ending = f"\n\n… shortened, see {where}"
    space = limit - len(ending)
    if space <= 0:
        return notes[:limit]
    kept = notes[: space + 1].rpartition("\n")[0].rstrip()
    while kept.rpartition("\n")[2].startswith("#"):  # a heading without what it heads
        kept = kept.rpartition("\n")[0].rstrip()
    return (kept or notes[:space].rstrip()) + ending


def _plain(change: Change) -> dict[str, object]:
    """A change as plain values; people by name, since notes are public and addresses are not."""
    names = {"author": change.author.name, "co_authors": [person.name for person in change.co_authors]}
    return {**to_builtins(change), **names}


def _blocks(release_notes: ReleaseNotes, style: NotesOptions) -> Iterator[str]:
    breaking = [change for change in release_notes.changes if change.breaking]
    if breaking:
        yield _section(BREAKING, (_breaking_item(change, text, style) for change, text in _texts(breaking)))
    for heading, group in _grouped(release_notes.changes, style.sections).items():
        yield _section(heading, (_item(same, style) for same in _by_description(group)))
    if style.people:
        people = contributors(release_notes.changes, release_notes.newcomers)
        if people:
            yield _section("Contributors", (_person(person) for person in people))


def _section(heading: str, items: Iterable[str]) -> str:
    return f"### {heading}\n\n" + "\n".join(items)


def _texts(breaking: Iterable[Change]) -> Iterator[tuple[Change, str]]:
    for change in breaking:
        for text in change.breaking:
            yield change, text


def _grouped(changes: Iterable[Change], sections: Mapping[str, str]) -> dict[str, list[Change]]:
    """Changes by heading, in the order of the configuration; types may share a heading."""
    groups: dict[str, list[Change]] = {heading: [] for heading in sections.values()}
    for change in changes:
        heading = sections.get(change.type)
        if heading is None or (change.breaking and _is_on_top(change)):
            continue
        if change.type != "revert" or _is_news(change, sections):
            groups[heading].append(change)
    return {heading: group for heading, group in groups.items() if group}


def _is_news(change: Change, sections: Mapping[str, str]) -> bool:
    """Whether people have heard of what a change reverts."""
    found = message.header(change.description)
    return found is None or found[3] is not None or found[1].lower() in sections


def _is_on_top(change: Change) -> bool:
    """Whether a breaking change is listed by its description, above all sections, and needs no second entry."""
    return any(text == change.description or markdown.is_block(text) for text in change.breaking)


def _by_description(group: Sequence[Change]) -> Iterable[Sequence[Change]]:
    """Changes that say the same become one entry with all their commits."""
    if len({change.description for change in group}) == len(group):
        return [(change,) for change in group]
    found: dict[tuple[str, str], list[Change]] = {}
    for change in group:
        found.setdefault((change.scope.lower(), change.description), []).append(change)
    return found.values()


def _item(same: Sequence[Change], style: NotesOptions) -> str:
    first = same[0]
    return f"- {_scope(first.scope)}{markdown.line(first.description)}{_origin(same, style.links)}"


def _breaking_item(change: Change, text: str, style: NotesOptions) -> str:
    if text == change.description:
        return _item([change], style)
    if markdown.is_block(text):
        return f"{_item([change], style)}\n\n{markdown.blocks(text, '  ')}"
    rows = markdown.paragraph(text, "  ").split("\n")
    last = markdown.length_of_first(rows) - 1
    rows[last] += _origin([change], style.links)
    return f"- {_scope(change.scope)}" + "\n".join(rows)


@cache  # a project has few scopes
def _scope(scope: str) -> str:
    return f"**{markdown.line(scope)}:** " if scope else ""


def _origin(same: Sequence[Change], links: Links) -> str:
    """Where an entry comes from: pull request or commit, and the issues that it closes or refers to."""
    first = same[0]
    if len(same) == 1:  # nearly all of a long changelog
        sources = links.issue(first.pull_request) if first.pull_request else links.commit(first.sha)
        closed, named = first.issues, first.references
    else:
        sources = _folded([*dict.fromkeys(_source(each, links) for each in same)])
        closed = tuple(issue for each in same for issue in each.issues)
        named = tuple(issue for each in same for issue in each.references)
    if not closed and not named:
        return f" ({sources})"
    listed = {each.pull_request for each in same}
    return (
        f" ({sources}{_issues(', closes ', closed, listed, links)}{_issues(', refers to ', named, listed, links)})"
    )


def _source(change: Change, links: Links) -> str:
    return links.issue(change.pull_request) if change.pull_request else links.commit(change.sha)


def _issues(words: str, found: Sequence[str], listed: set[str], links: Links) -> str:
    """Those of these issues that are not listed yet, and now are."""
    fresh = [issue for issue in dict.fromkeys(found) if issue not in listed] if found else ()
    listed.update(fresh)
    return f"{words}{_folded([links.issue(issue) for issue in fresh])}" if fresh else ""


def _folded(each: Sequence[str]) -> str:
    """The first of them on one line, and how many more there are."""
    rest = len(each) - _SHOWN
    return ", ".join(each) if rest <= 1 else f"{', '.join(each[:_SHOWN])} and {rest} more"


def _person(person: Contributor) -> str:
    first = " made their first contribution" if person.is_new else ""
    return f"- {markdown.line(person.name)}{first}"
