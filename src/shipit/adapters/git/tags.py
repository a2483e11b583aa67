"""The tags of a clone, and the commits that they lead to, read in one or two children."""

from collections.abc import Sequence
from pathlib import Path

from shipit.adapters.git import tag_names
from shipit.adapters.git.folder import git_folder
from shipit.adapters.git.query import git
from shipit.errors import Refused
from shipit.model import Tag


def tags_argv(merged: str | None = None) -> tuple[str, ...]:
    fields = "%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
    limit = (f"--merged={merged}",) if merged else ()
    return ("git", "for-each-ref", f"--format={fields}", *limit, "refs/tags/")


def names(top: Path) -> frozenset[str]:
    """The names of all tags, from files where git keeps them there."""
    folder = git_folder(top)
    found = tag_names.read(folder) if folder else None
    return frozenset(tag.name for tag in every(top)) if found is None else found


def every(top: Path) -> list[Tag]:
    """All tags in the order of their names, also those that lead to no commit."""
    return _listed(top, tags_argv())


def read(top: Path) -> list[Tag]:
    """All tags that lead to a commit, in the order of their names."""
    return [tag for tag in every(top) if tag.commit]


def reachable(top: Path, end: str = "HEAD") -> list[Tag]:
    """Those among `read` that are reachable from a commit."""
    return [tag for tag in _listed(top, tags_argv(end)) if tag.commit]


def require(top: Path) -> None:
    """A clone that was made without tags would look like one before its first release."""
    done = git(top, ("git", "config", "--get-regexp", r"^remote\..*\.tagopt$", "^--no-tags$"))
    if done.code == 0:
        key = done.text.split()[0]
        raise Refused(
            "this clone was made without tags, so the last release cannot be known",
            where=str(top),
            evidence=[f"{key} is --no-tags"],
            hint=f"run `git config --unset {key}` and `git fetch --tags`",
        )


def _listed(top: Path, argv: Sequence[str]) -> list[Tag]:
    done = git(top, argv)
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
        return Tag(name, sha)
    return Tag(name, inner if inner_kind == "commit" else nested.get(ref, ""))


def _peel(top: Path, refs: Sequence[str]) -> dict[str, str]:
    """The commits behind tags of tags, which git for-each-ref follows for one step only."""
    if not refs:
        return {}
    asked = "".join(f"{ref}^{{commit}}\n" for ref in refs).encode("utf-8", "surrogateescape")
    done = git(top, ("git", "cat-file", "--batch-check=%(objecttype) %(objectname)"), asked)
    answers = (line.split() for line in done.text.splitlines())
    return {ref: answer[1] for ref, answer in zip(refs, answers, strict=False) if answer[0] == "commit"}
