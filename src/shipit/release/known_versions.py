"""The versions that are known outside of the release tags, which a new one must not fall below."""

from collections.abc import Callable, Sequence

from shipit.errors import ExternalError, Refused
from shipit.model import Tag
from shipit.release.outside import Outside
from shipit.release.survey import Survey
from shipit.versioning import floor
from shipit.versioning.decision import Decision
from shipit.versioning.maintenance import line_of
from shipit.versioning.number import Version, parse
from shipit.versioning.tags import VersionTag, previous_tags, version_tags


def require_above_all(outside: Outside, seen: Survey, decision: Decision, *, ask_index: bool) -> None:
    """Raise NotThisVersion where files, tags of another spelling, or the index tell that the version goes back.

    An index that does not answer is left to pre-flight.
    """
    if decision.version is None:
        return
    version, policy = parse(decision.version), outside.config.version
    is_first = previous_tags(seen.tags, policy)[1] is None
    files = floor.readable(policy.files, _reader(outside, seen.base))
    if main := _main_alone(outside, seen):
        there = floor.readable(policy.files, _reader(outside, main))
        files |= {f"{location} in {outside.config.branches.main}": version for location, version in there.items()}
    known = [
        *floor.in_files(files, policy.tag_format, is_first=is_first, initial=outside.project.initial_key),
        *_in_tags(outside, seen, version, is_first=is_first),
        *_in_other_tags(outside, seen, version, is_first=is_first),
        *(_on_index(outside, seen) if ask_index else ()),
    ]
    floor.require_above(version, known, seen.base_branch, decision.rows)


def require_pushed(outside: Outside, seen: Survey) -> None:
    """Raise Refused for a version tag that is only in this clone: the remote would count from an older one."""
    policy = outside.config.version
    final = previous_tags(seen.tags, policy)[1]
    here = [tag for tag in outside.checkout.tags() if tag.commit in seen.ancestors]
    unknown = [
        each for each in version_tags(here, policy.tag_format) if f"refs/tags/{each.tag.name}" not in seen.refs
    ]
    newer = [each for each in unknown if _is_above(each, final, policy.tag_format)]
    if newer:
        name, remote = newer[0].tag.name, outside.remote.name
        raise Refused(
            f"the tag {name} is only in this clone, not on {remote}",
            evidence=[f"the last release on {remote} is {final.name if final else 'none'}"],
            hint=f"git push {remote} {name}; or, if it is a mistake: git tag -d {name}",
        )


def _is_above(each: VersionTag, final: Tag | None, tag_format: str) -> bool:
    return final is None or version_tags([each.tag, final], tag_format)[0].tag.name == each.tag.name


def _in_tags(outside: Outside, seen: Survey, version: Version, *, is_first: bool) -> Sequence[floor.Known]:
    """Of the remote and of this clone, in the history of the base and of main, into which it is merged."""
    refs, start = seen.refs, "refs/tags/"
    there = {ref: refs.get(f"{ref}^{{}}", sha) for ref, sha in refs.items() if ref.startswith(start)}
    here = {f"{start}{tag.name}": tag.commit for tag in outside.checkout.tags()}
    tags = {ref.removeprefix(start): sha for ref, sha in {**here, **there}.items() if ref[-1] != "}"}
    if not floor.may_bind(tags, version):
        return ()
    history = seen.ancestors | _main_history(outside, seen)
    names = [name for name, commit in tags.items() if commit in history]
    project = outside.project
    tag_format, others = outside.config.version.tag_format, project.foreign_formats
    own = floor.Own(tag_format, project.name_or_nothing, project.package, others)
    return floor.in_tags(names, own, version, is_first=is_first)


def _in_other_tags(outside: Outside, seen: Survey, version: Version, *, is_first: bool) -> Sequence[floor.Known]:
    """Releases of the remote that the base lacks."""
    branches = outside.config.branches
    found = [tag for tag in seen.all_tags if tag.commit not in seen.ancestors]
    above = [each for each in version_tags(found, outside.config.version.tag_format) if version <= each.version]
    if not above:
        return ()
    elsewhere = floor.Elsewhere(
        base=seen.base_branch,
        main=branches.main,
        in_main=_main_history(outside, seen),
        waiting=seen.waiting_for(branches.develop),
    )
    return floor.in_other_tags(above, version, elsewhere, is_first=is_first)


def _main_history(outside: Outside, seen: Survey) -> frozenset[str]:
    main = _main_alone(outside, seen)
    return outside.objects.ancestors(main) if main else frozenset()


def _main_alone(outside: Outside, seen: Survey) -> str | None:
    """The tip of main, if the base will be merged into it."""
    name = outside.config.branches.main
    return None if name == seen.base_branch or line_of(seen.base_branch) else seen.tip(name)


def _on_index(outside: Outside, seen: Survey) -> Sequence[floor.Known]:
    index, name = outside.index, outside.project.name_or_nothing
    if index is None or not name:
        return ()
    tagged = version_tags(seen.all_tags, outside.config.version.tag_format)
    try:
        return floor.on_index(index.versions(name), index.name, (each.version for each in tagged))
    except ExternalError:
        return ()


def _reader(outside: Outside, commit: str) -> Callable[[str], str | None]:
    """Reads the files of a commit; what is no text holds no version."""

    def read(path: str) -> str | None:
        data = outside.objects.read(commit, path)
        return None if data is None else data.decode("utf-8", "replace")

    return read
