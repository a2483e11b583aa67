"""History and tags, read with git's own commands: one child each, nothing heavy imported, nothing written."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from shipit.adapters import process
from shipit.errors import Refused, UsageError
from shipit.model import Commit, Tag
from shipit.versioning.policy import Policy
from shipit.versioning.record import Record
from shipit.versioning.tags import VersionTag, version_tags

_FIELDS = "%m%x00%H%x00%P%x00%aN%x00%aE%x00%at%x00%B"
_NAMELESS = _FIELDS.replace("%aN", "").replace("%aE", "")
_COUNT = 7
_ENVIRONMENT = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "GIT_NO_LAZY_FETCH": "1"}
_IN_ONE_GO = {**_ENVIRONMENT, "GIT_FLUSH": "0"}  # without, git writes every commit on its own into a pipe
_DEEPEN = "git fetch --unshallow --tags"


class Place(Struct, frozen=True):
    """Where a repository stands: `head` is the full id of its commit."""

    top: Path
    head: str
    shallow: bool


class Survey(Struct, frozen=True):
    """What a decision needs.

    `commits` came since the last final version tag that is reachable, newest first; `reachable` is that tag and
    the version tags on these commits; `tags` are all tags, also those that lead to no commit.
    """

    commits: tuple[Commit, ...]
    reachable: tuple[Tag, ...]
    tags: tuple[Tag, ...]


def place_argv(revision: str) -> tuple[str, ...]:
    return (
        *("git", "rev-parse", "--is-shallow-repository", "--show-toplevel"),
        *("--verify", "--end-of-options", f"{revision}^{{commit}}"),
    )


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


def authors_argv(end: str) -> tuple[str, ...]:
    people = "%aE%n%(trailers:key=Co-authored-by,valueonly)"
    words = ("git", "-c", "log.showSignature=false", "log", "--no-color", "--no-patch")
    return (*words, f"--format=tformat:{people}", "--end-of-options", end, "--")


def tags_argv(merged: str | None = None) -> tuple[str, ...]:
    fields = "%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
    limit = (f"--merged={merged}",) if merged else ()
    return ("git", "for-each-ref", f"--format={fields}", *limit, "refs/tags/")


def place(start: Path, revision: str = "HEAD") -> Place:
    """Find the repository around a folder and the commit that a revision names.

    Raises UsageError outside of a repository, without git, without a commit or for an unknown revision.
    """
    done = _git(start, place_argv(revision))
    if done.code:
        raise _misplaced(start, revision, done.stderr)
    shallow, top, head = done.text.splitlines()
    return Place(Path(top), head, shallow == "true")


def head(top: Path) -> str:
    """The full id of the current commit."""
    return place(top).head


def is_shallow(top: Path) -> bool:
    """Whether the history was cut off when it was cloned."""
    return place(top).shallow


def require_complete(where: Place) -> None:
    """Raise Refused if the history was cut off: every answer about versions would be a guess."""
    if where.shallow:
        raise Refused(
            "the history of this clone is cut off, so the last release cannot be known",
            evidence=[f"{where.top} is a shallow clone"],
            hint=f"run `{_DEEPEN}` (in GitHub Actions: `fetch-depth: 0` for actions/checkout)",
        )


def read(top: Path, start: str | None, *ends: str) -> list[Commit]:
    """Commits reachable from `ends` and not from `start`, newest first."""
    return [record.commit for record in _records(top, log_argv(start, ends))]


def records(top: Path, end: str, *, people: bool) -> Iterator[Record]:
    """The whole history of a commit, newest first, as git tells it, with or without the authors."""
    return _records(top, log_argv(None, (end,), fields=_FIELDS if people else _NAMELESS))


def touched(top: Path, folder: str, start: str | None, *ends: str) -> frozenset[str]:
    """The commits among those that `read` tells, merges aside, that change something in a folder."""
    return frozenset(_ask(top, touched_argv(folder, start, ends)).split())


def authors(top: Path, end: str) -> frozenset[str]:
    """The e-mail addresses, in lower case, of all authors and co-authors in the history of a commit."""
    rows = _ask(top, authors_argv(end)).lower().splitlines()
    return frozenset(row.rpartition("<")[2].rpartition(">")[0] if ">" in row else row for row in rows if row)


def remote_url(top: Path, name: str) -> str | None:
    """The address of a remote as git would use it; None if there is no such remote."""
    done = _git(top, ("git", "remote", "get-url", name))
    return None if done.code else done.text.strip()


def branch(top: Path) -> str | None:
    """The branch that is checked out, read without a child; None when there is none."""
    git = top / ".git"
    if git.is_file():  # a linked work tree or a submodule
        git = top / git.read_text("utf-8").strip().removeprefix("gitdir: ")
    try:
        found = (git / "HEAD").read_text("utf-8").strip().removeprefix("ref: refs/heads/")
    except OSError:
        return None
    return None if re.fullmatch(r"[0-9a-f]{40,64}", found) else found


def tags(top: Path) -> list[Tag]:
    """All tags that lead to a commit, in the order of their names."""
    return [tag for tag in _tags(top, tags_argv()) if tag.commit]


def reachable_tags(top: Path, end: str = "HEAD") -> list[Tag]:
    """Those among `tags` that are reachable from a commit."""
    return [tag for tag in _tags(top, tags_argv(end)) if tag.commit]


def survey(where: Place, policy: Policy) -> Survey:
    """Read what a decision on this place needs, in two children as a rule.

    The highest final version tag is tried first: the very log that lists the commits since it also tells whether
    it is reachable at all. Raises Refused in a shallow clone.
    """
    require_complete(where)
    everything = _tags(where.top, tags_argv())
    versions = version_tags([tag for tag in everything if tag.commit], policy.tag_format)
    if not everything:
        _require_tags(where.top)
    final, commits = _since_final(where, [each for each in versions if each.version.is_final])
    fresh = {commit.sha for commit in commits}
    later = [each.tag for each in versions if each.tag.commit in fresh]
    return Survey(tuple(commits), (*later, *((final.tag,) if final else ())), tuple(everything))


def resolve(top: Path, revision: str) -> str:
    """The full id of the commit that a revision names; raises UsageError if there is none."""
    return place(top, revision).head


def _since_final(where: Place, finals: Sequence[VersionTag]) -> tuple[VersionTag | None, list[Commit]]:
    """(the highest final version tag that is reachable, the commits since)."""
    if not finals:
        return None, read(where.top, None, where.head)
    commits = _beyond(where, finals[0])
    if commits is not None:
        return finals[0], commits
    # on a maintenance branch many higher tags may be out of reach: ask once, not tag by tag
    near = {tag.name for tag in reachable_tags(where.top, where.head)}
    final = next((each for each in finals if each.tag.name in near), None)
    return final, read(where.top, final.tag.commit if final else None, where.head)


def _beyond(where: Place, final: VersionTag) -> list[Commit] | None:
    """The commits since a tag; None if the tag is not reachable."""
    commits: list[Commit] = []
    for record in _records(where.top, log_argv(final.tag.commit, (where.head,), both_sides=True)):
        if record.mark == "<":
            return None
        commits.append(record.commit)
    return commits


def _require_tags(top: Path) -> None:
    """A clone that was made without tags would look like one before its first release."""
    done = _git(top, ("git", "config", "--get-regexp", r"^remote\..*\.tagopt$", "^--no-tags$"))
    if done.code == 0:
        key = done.text.split()[0]
        raise Refused(
            "this clone was made without tags, so the last release cannot be known",
            where=str(top),
            evidence=[f"{key} is --no-tags"],
            hint=f"run `git config --unset {key}` and `git fetch --tags`",
        )


def _records(top: Path, argv: Sequence[str]) -> Iterator[Record]:
    """The commits of a log; it is read while git writes it, and no further than it is asked for."""
    fields: list[str] = []
    rest = b""
    for piece in process.stream(argv, partial(_unreadable, top), cwd=top, env=_IN_ONE_GO):
        whole, end, rest = (rest + piece).rpartition(b"\0")
        if end:
            fields += whole.decode("utf-8", "replace").split("\0")
            complete = len(fields) // _COUNT * _COUNT
            yield from map(Record, *(fields[first:complete:_COUNT] for first in range(_COUNT)))
            del fields[:complete]


def _unreadable(top: Path, stderr: str) -> Refused:
    return Refused("git cannot read the history", where=str(top), evidence=stderr.splitlines()[-3:])


def _ask(top: Path, argv: Sequence[str]) -> str:
    done = _git(top, argv)
    if done.code:
        raise _unreadable(top, done.stderr)
    return done.text


def _tags(top: Path, argv: Sequence[str]) -> list[Tag]:
    done = _git(top, argv)
    if done.code:
        raise Refused("git cannot list the tags", where=str(top), evidence=done.stderr.splitlines()[-3:])
    rows = [line.split("\0") for line in done.text.splitlines()]
    nested = _peel(top, [row[0] for row in rows if row[3] == "tag"])
    return [_tag(row, nested) for row in rows]


def _tag(row: Sequence[str], nested: dict[str, str]) -> Tag:
    """The tag; without a commit if it leads to something else, whose name is taken all the same."""
    ref, kind, sha, inner_kind, inner = row
    name = ref.removeprefix("refs/tags/")
    if kind == "commit":
        return Tag(name, sha, annotated=False)
    return Tag(name, inner if inner_kind == "commit" else nested.get(ref, ""))


def _peel(top: Path, refs: Sequence[str]) -> dict[str, str]:
    """The commits behind tags of tags, which git for-each-ref follows for one step only."""
    if not refs:
        return {}
    asked = "".join(f"{ref}^{{commit}}\n" for ref in refs).encode("utf-8", "surrogateescape")
    done = _git(top, ("git", "cat-file", "--batch-check=%(objecttype) %(objectname)"), asked)
    answers = (line.split() for line in done.text.splitlines())
    return {ref: answer[1] for ref, answer in zip(refs, answers, strict=False) if answer[0] == "commit"}


def _git(top: Path, argv: Sequence[str], data: bytes | None = None) -> process.Finished:
    return process.run(argv, cwd=top, env=_ENVIRONMENT, data=data)


def _misplaced(start: Path, revision: str, stderr: str) -> UsageError:
    evidence = stderr.strip().splitlines()[-1:]
    if "not a git repository" in stderr:
        return UsageError(f"{start} is not in a git repository", evidence=evidence, hint="run it inside of a clone")
    if "dubious ownership" in stderr:
        hint = f"git config --global --add safe.directory {start}"
        return UsageError(f"{start} belongs to another user, so git does not read it", evidence=evidence, hint=hint)
    if revision == "HEAD":
        return UsageError("the repository has no commits yet", evidence=evidence, hint="make the first commit")
    return UsageError(f"there is no commit `{revision}`", evidence=evidence, hint="git fetch --tags")
