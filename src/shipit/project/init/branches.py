"""Which branches are shared, and which manner of tags the releases so far have."""

import re
from collections.abc import Iterator

from shipit.project.init.model import Finding, Note, Seen, Setting, Suggestion

_MAIN = ("main", "master", "trunk")
_DEVELOP = ("develop", "dev", "development", "devel")
VERSION = re.compile(r"(?P<before>\D*?|.*[-_/@+]v?)(?P<numbers>\d+\.\d+\.\d+)(?:[-.]?(?:a|b|rc|alpha|beta)[.\d]*)?")
_GENERIC = frozenset(("", "v", "release", "rel", "version", "ver"))


def branches(seen: Seen) -> Iterator[Finding]:
    """The remote and the branches, where they are not those that shipit takes unasked."""
    clone, usual = seen.clone, seen.settings.config.branches
    if not clone.remotes:
        yield Note("there is no git remote yet: `git remote add origin URL`, and push, before the first release")
    elif clone.remote != usual.remote:
        yield Setting(key="branches.remote", value=clone.remote, reason="the only git remote")
    main = main_branch(seen)
    if main != usual.main:
        yield Setting(key="branches.main", value=main, reason=f"{_why(seen, main)} is the branch of releases")
    yield from _develop(seen, main)


def main_branch(seen: Seen) -> str:
    """The branch that carries releases."""
    clone, usual = seen.clone, seen.settings.config.branches.main
    if usual in clone.branches and (clone.default in {"", usual} or clone.default in _DEVELOP):
        return usual
    named = [clone.default, *_MAIN, clone.current]
    likely = [one for one in named if one and one not in _DEVELOP]
    there = [one for one in likely if one in clone.branches]
    return next(iter([*there, *likely]), usual)


def protection(seen: Seen) -> Iterator[Finding]:
    """The checks that the forge demands already, if a token is there to ask with."""
    main = main_branch(seen)
    if checks := tuple(seen.required(main)):
        yield Setting(key="protection.required-checks", value=checks, reason=f"GitHub demands them on {main}")
        yield Note(
            f"{main} is protected: release.yml opens a pull request, unless protection.release-actor may push"
        )


def tag_format(seen: Seen, name: str) -> Iterator[Setting]:
    """The spelling of the tags so far, if it is not the usual one."""
    usual = seen.settings.config.version.tag_format
    found = _spelling(seen, name)
    if found is None:
        return
    tag, wanted = found
    if wanted != usual:
        yield Setting(key="version.tag-format", value=wanted, reason=f"the highest tag is {tag}")


def _spelling(seen: Seen, name: str) -> tuple[str, str] | None:
    """The highest tag of a version of the whole repository, and the format that it has."""
    known: list[tuple[tuple[int, ...], str, str]] = []
    for tag in seen.clone.tags:
        found = VERSION.fullmatch(tag)
        if found and _is_own(found["before"], name):
            numbers = tuple(int(one[:9]) for one in found["numbers"].split("."))
            known.append((numbers, tag, f"{found['before']}{{version}}"))
    return max(known)[1:] if known else None


def _is_own(before: str, name: str) -> bool:
    """Whether what stands before a version says nothing, or the name of the project."""
    plain = re.sub(r"[-_.@/+]+", "-", before.lower()).strip("-")
    own = re.sub(r"[-_.]+", "-", name.lower())
    return plain in _GENERIC or (bool(own) and plain in {own, f"{own}-v"})


def _why(seen: Seen, main: str) -> str:
    return f"{main}, which the remote shows first," if main == seen.clone.default else main


def _develop(seen: Seen, main: str) -> Iterator[Finding]:
    clone, key = seen.clone, "branches.develop"
    name = next((one for one in _DEVELOP if one in clone.branches), "")
    if not name or name == main or seen.settings.config.branches.develop:
        return
    is_used = clone.default == name or clone.is_ahead(name, main) or not clone.is_ahead(main, name)
    reason = f"work is collected on {name}, and goes from there to {main} with a release"
    if is_used or seen.ask(f"Is work collected on {name} before it is released from {main}?", False):
        yield Setting(key=key, value=name, reason=reason)
    else:
        why = f"{name} has nothing that {main} lacks: releases come from {main} alone"
        yield Suggestion(lines=(f'{key} = "{name}"',), reason=why)
