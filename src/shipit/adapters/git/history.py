"""History, read with git's own commands: one child each, nothing heavy imported, nothing written."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from shipit.adapters import process
from shipit.adapters.git import tags
from shipit.adapters.git.query import ENVIRONMENT, Repository, git, require_complete
from shipit.errors import Refused
from shipit.model import Commit, Identity, Tag
from shipit.versioning.policy import Policy
from shipit.versioning.record import Record, SignedRecord
from shipit.versioning.tags import version_tags

_R = TypeVar("_R", bound=Record)

_BRIEF = "%H%x00%P%x00%B"
_COMMIT = "//"
_FIELDS = f"{_BRIEF}%x00%ct%x00%m%x00%aN%x00%aE"
_IN_ONE_GO = {**ENVIRONMENT, "GIT_FLUSH": "0"}  # without, git writes every commit on its own into a pipe


class RecentHistory(Struct, frozen=True):
    """What a decision on the commit `head` needs.

    `commits` came since the last final version tag that is reachable, newest first; `reachable` is that tag and
    the version tags on these commits; `tags` are all tags, also those that lead to no commit.
    """

    head: str
    commits: tuple[Commit, ...]
    reachable: tuple[Tag, ...]
    tags: tuple[Tag, ...]


def log_argv(
    start: str | None, ends: Sequence[str], *, both_sides: bool = False, fields: str = _FIELDS
) -> tuple[str, ...]:
    """The log as a machine reads it: whatever the user's configuration says about log, signatures or colours."""
    marks = ("--left-right",) if both_sides else ()
    order = ("--topo-order",) if start else ()  # children before parents, cheap on a range
    if both_sides:
        commits = tuple(f"{start}...{end}" for end in ends)
    else:
        commits = (*ends, f"^{start}") if start else tuple(ends)
    return (
        *("git", "-c", "log.showSignature=false", "-c", "log.follow=false"),
        *("log", "-z", f"--format=tformat:{fields}"),
        *("--encoding=UTF-8", "--no-show-signature", "--no-color", "--no-notes", "--no-patch", *order, *marks),
        *("--end-of-options", *commits, "--"),
    )


def touched_argv(folder: str, start: str | None, ends: Sequence[str]) -> tuple[str, ...]:
    # without --full-history git leaves out what another branch did as well
    commits = (*ends, f"^{start}") if start else tuple(ends)
    words = ("git", "rev-list", "--full-history", "--no-merges", "--end-of-options")
    return (*words, *commits, "--", f":(top,literal){folder}")


def paths_argv(start: str | None, ends: Sequence[str]) -> tuple[str, ...]:
    """Every commit with the files that it changes; no file has a name that begins like a commit's line."""
    words = (
        "git",
        "-c",
        "log.showSignature=false",
        "-c",
        "log.showRoot=true",
        "-c",
        "log.follow=false",
        "log",
        "-z",
    )
    shape = (f"--format=tformat:{_COMMIT}%H", "--name-only", "--no-renames", "--no-merges", "--no-color")
    commits = (*ends, f"^{start}") if start else tuple(ends)
    return (*words, *shape, "--no-show-signature", "--no-notes", "--end-of-options", *commits, "--")


TIMES_ARGV = (
    *("git", "-c", "log.showSignature=false", "log", "--stdin", "--no-walk=unsorted"),
    *("--format=tformat:%H %ct", "--no-show-signature", "--no-color", "--no-notes", "--no-patch"),
)


def authors_argv(end: str) -> tuple[str, ...]:
    people = "%aN%n%aE%n%(trailers:key=Co-authored-by,valueonly)"
    words = ("git", "-c", "log.showSignature=false", "log", "--no-color", "--no-patch")
    return (*words, f"--format=tformat:{people}", "--end-of-options", end, "--")


def read(top: Path, start: str | None, *ends: str) -> list[Commit]:
    """Commits reachable from `ends` and not from `start`, newest first."""
    return [record.commit for record in _records(top, log_argv(start, ends), SignedRecord)]


def records(top: Path, end: str, *, people: bool) -> Iterator[Record]:
    """The whole history of a commit, newest first, as git prints it, with or without the authors."""
    fields, kind = (_FIELDS, SignedRecord) if people else (_BRIEF, Record)
    return _records(top, log_argv(None, (end,), fields=fields), kind)


def times(top: Path, commits: Sequence[str]) -> Mapping[str, int]:
    """The committer times, in seconds since the epoch, of these commits."""
    if not commits:  # else git takes HEAD
        return {}
    found = _ask(top, TIMES_ARGV, "\n".join([*commits, ""]).encode())
    rows = (row.partition(" ") for row in found.splitlines())
    return {sha: int(clock or 0) for sha, _, clock in rows}


def touched(top: Path, folder: str, start: str | None, *ends: str) -> frozenset[str]:
    """The commits among those that `read` returns, without merges, that change something in a folder."""
    return frozenset(_ask(top, touched_argv(folder, start, ends)).split())


def paths(top: Path, start: str | None, *ends: str) -> Mapping[str, Sequence[str]]:
    """The files that each commit changes, merges aside, of the commits that `read` returns."""
    found: dict[str, list[str]] = {}
    changed: list[str] = []
    for word in _ask(top, paths_argv(start, ends)).split("\0"):
        if word.startswith(_COMMIT):
            changed = found.setdefault(word.removeprefix(_COMMIT), [])
        elif path := word.removeprefix("\n"):
            changed.append(path)
    return found


def authors(top: Path, end: str) -> frozenset[str]:
    """The names and e-mail addresses, in lower case, of all authors and co-authors in the history of a commit.

    Co-authors are there under what they wrote, and under what .mailmap makes of it.
    """
    from shipit.adapters.git.mailmap import known_as  # noqa: PLC0415 - only notes with people pay for it

    rows = dict.fromkeys(_ask(top, authors_argv(end)).splitlines())
    named = [row.replace(">", "").rpartition("<") for row in rows]
    others = known_as(top, [Identity(name.strip(), email) for name, angle, email in named if angle])
    words = (*(part for row in named for part in row), *(word for one in others for word in (one.name, one.email)))
    return frozenset(" ".join(word.lower().split()) for word in words) - {"", "<"}


def survey(where: Repository, policy: Policy) -> RecentHistory:
    """Read what a decision on this place needs, in two children as a rule.

    The highest final version tag is tried first: the log that lists the commits since it also shows whether
    it is reachable at all. Raises Refused in a shallow clone.
    """
    require_complete(where)
    everything = tags.every(where.top)
    versions = version_tags([tag for tag in everything if tag.commit], policy.tag_format)
    if not everything:
        tags.require(where.top)
    final, commits = _since_final(where, [each.tag for each in versions if each.version.is_final])
    return since_tag(where, policy, final, commits, everything)


def since_tag(
    where: Repository, policy: Policy, final: Tag | None, commits: Sequence[Commit], everything: Sequence[Tag]
) -> RecentHistory:
    """What came since a tag."""
    fresh = {commit.sha for commit in commits}
    later = version_tags([tag for tag in everything if tag.commit in fresh], policy.tag_format)
    reachable = [*(each.tag for each in later), *((final,) if final else ())]
    return RecentHistory(where.head, tuple(commits), tuple(reachable), tuple(everything))


def beyond(where: Repository, final: Tag) -> list[Commit] | None:
    """The commits since a tag; None if the tag is not reachable."""
    commits: list[Commit] = []
    for record in _records(where.top, log_argv(final.commit, (where.head,), both_sides=True), SignedRecord):
        if record.mark == "<":
            return None
        commits.append(record.commit)
    return commits


def _since_final(where: Repository, finals: Sequence[Tag]) -> tuple[Tag | None, list[Commit]]:
    """(the highest final version tag that is reachable, the commits since)."""
    if not finals:
        return None, read(where.top, None, where.head)
    commits = beyond(where, finals[0])
    if commits is not None:
        return finals[0], commits
    # on a maintenance branch many higher tags may be out of reach: ask once, not tag by tag
    near = {tag.name for tag in tags.reachable(where.top, where.head)}
    final = next((each for each in finals if each.name in near), None)
    return final, read(where.top, final.commit if final else None, where.head)


def _records(top: Path, argv: Sequence[str], kind: type[_R]) -> Iterator[_R]:
    """The commits of a log; it is read while git writes it, and no further than it is asked for."""
    count = len(kind.__struct_fields__)
    fields: list[str] = []
    rest, parent = b"", ""
    pieces = process.stream(argv, partial(_unreadable, top), cwd=top, env=_IN_ONE_GO, timeout=process.LONGEST)
    for piece in pieces:
        whole, end, rest = (rest + piece).rpartition(b"\0")
        if end:
            fields += whole.decode("utf-8", "replace").split("\0")
            complete = len(fields) // count * count
            shas, kins, *others = (fields[first:complete:count] for first in range(count))
            # most commits are the one parent of that before: its id is kept once
            before = [parent, *kins]
            shared = [known if known == sha else sha for known, sha in zip(before, shas, strict=False)]
            yield from map(kind, shared, kins, *others)
            parent = before[-1]
            del fields[:complete]


def _unreadable(top: Path, stderr: str) -> Refused:
    return Refused("git cannot read the history", where=str(top), evidence=stderr.splitlines()[-3:])


def _ask(top: Path, argv: Sequence[str], data: bytes | None = None) -> str:
    done = git(top, argv, data)
    if done.code:
        raise _unreadable(top, done.stderr)
    return done.text
