"""Which commit is to be live: what a branch of the remote has, or a release."""

import difflib
from collections.abc import Mapping

from shipit.deploy.outside import Outside
from shipit.deploy.refs import TAGS
from shipit.errors import Refused, UsageError
from shipit.model import Revision
from shipit.release.revisions import revision
from shipit.versioning.number import Version
from shipit.versioning.tags import version_of

_HEADS, _TAGS = "refs/heads/", "refs/tags/"


def choose(outside: Outside, version: str = "") -> tuple[Revision, str]:
    """The revision and its tag (empty for one of a branch), read from the remote now; the objects come along.

    Raises UsageError where the environment does not say what is deployed there, Refused if it is not there.
    """
    source = outside.options.from_
    if source is None:
        where = f"[tool.shipit.environments.{outside.name}]"
        raise UsageError(f"it is not said what is deployed to {outside.name}", where=where, hint='from = "tags"')
    refs = outside.release.remote.refs()
    if version or source == TAGS:
        return _release(outside, refs, version)
    return _branch(outside, refs, source), ""


def _release(outside: Outside, refs: Mapping[str, str], version: str) -> tuple[Revision, str]:
    """A release by its version or tag; the highest final one if none is named."""
    shape = outside.project.config.version.tag_format
    released = _released(refs, shape)
    wanted = [one for one in released if version in {str(released[one]), one}] if version else _finals(released)
    if not wanted:
        near = difflib.get_close_matches(version, [str(one) for one in released.values()], 3)
        raise Refused(
            f"{version or 'a final version'} is not released on {outside.release.remote.name}",
            evidence=[f"nearest: {', '.join(near)}"] if near else [_counted(len(released))],
            hint=f"shipit release, then shipit deploy --env {outside.name}",
        )
    tag = max(wanted, key=lambda name: released[name].precedence)
    commit = refs.get(f"{_TAGS}{tag}^{{}}") or refs[f"{_TAGS}{tag}"]
    _bring(outside, f"{_TAGS}{tag}", commit)
    return Revision(str(released[tag]), commit), tag


def _counted(number: int) -> str:
    return "no release is there" if not number else f"{number} release{'s are' if number > 1 else ' is'} there"


def _released(refs: Mapping[str, str], shape: str) -> dict[str, Version]:
    names = (ref.removeprefix(_TAGS) for ref in refs if ref.startswith(_TAGS) and not ref.endswith("^{}"))
    return {name: version for name in names if (version := version_of(name, shape))}


def _finals(released: Mapping[str, Version]) -> list[str]:
    return [name for name, version in released.items() if version.is_final]


def _branch(outside: Outside, refs: Mapping[str, str], branch: str) -> Revision:
    commit = refs.get(f"{_HEADS}{branch}")
    if commit is None:
        raise Refused(
            f"there is no branch {branch} on {outside.release.remote.name}",
            hint=f"push it, or name another in environments.{outside.name}.from",
        )
    _bring(outside, f"{_HEADS}{branch}", commit)
    return revision(outside.release.objects, commit, outside.project.config.version.files)


def bring(outside: Outside, revision: Revision) -> None:
    """Have the objects of a revision that was deployed before here; raises Refused if no branch or tag has it."""
    objects, remote = outside.release.objects, outside.release.remote
    if not objects.has(revision.commit):
        remote.fetch(*(ref for ref in remote.refs() if ref.startswith((_HEADS, _TAGS)) and not ref.endswith("^{}")))
    if not objects.has(revision.commit):
        raise Refused(
            f"the commit of {revision} is in no branch or tag of {remote.name} any more",
            hint=f"shipit deploy history --env {outside.name}, then deploy rollback --to another",
        )


def _bring(outside: Outside, ref: str, commit: str) -> None:
    if not outside.release.objects.has(commit):
        outside.release.remote.fetch(ref)
