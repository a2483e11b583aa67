"""What the remote says, read once before anything is decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shipit.config import Config
from shipit.errors import Refused
from shipit.model import Commit, Tag
from shipit.release.ports import Objects, Remote
from shipit.release.refs import KEPT, LOCK, evidence_ref, waiting_back_merges
from shipit.release.refs import bring as bring_ref
from shipit.versioning.maintenance import line_of
from shipit.versioning.tags import previous_tags, version_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was seen on the remote.

    `base` is the commit to release, `tags` the version tags in its history, `all_tags` all of them; `commits` those
    since the last final release, newest first, and those of main that the base lacks; `touched` those of them that
    change the package to release (None: every one counts); `ancestors` is the base's whole history.
    """

    refs: Mapping[str, str]
    base_branch: str
    base: str
    tags: tuple[Tag, ...]
    all_tags: tuple[Tag, ...]
    commits: tuple[Commit, ...]
    touched: frozenset[str] | None = None
    ancestors: frozenset[str] = frozenset()

    def tip(self, branch: str | None) -> str | None:
        return self.refs.get(f"refs/heads/{branch}") if branch else None

    def counts(self, commit: Commit) -> bool:
        """Whether a commit belongs to the package that is to be released."""
        return self.touched is None or commit.sha in self.touched

    @property
    def lock(self) -> str | None:
        return self.refs.get(LOCK)

    @property
    def open_tags(self) -> tuple[str, ...]:
        """Releases that were pushed and are not complete."""
        return tuple(ref.removeprefix(KEPT) for ref in self.refs if ref.startswith(KEPT))

    @property
    def waiting(self) -> Mapping[str, str]:
        """The branches by which releases wait for a person to merge them back into develop, by tag.

        Of those that are merged the branch may only have been left behind.
        """
        found = waiting_back_merges(self.refs)
        return {tag: branch for tag, branch in found.items() if self.tagged(tag) not in self.ancestors}

    def waiting_for(self, develop: str | None) -> Mapping[str, str]:
        """As `waiting`, where develop is what is to be released."""
        return self.waiting if self.base_branch == develop else {}

    def tagged(self, tag: str) -> str | None:
        """The commit that a tag of the remote finally points to."""
        return self.refs.get(f"refs/tags/{tag}^{{}}") or self.refs.get(f"refs/tags/{tag}")


def survey(remote: Remote, objects: Objects, config: Config, base_branch: str, folder: str | None = None) -> Survey:
    """Read every ref, bring the objects that are missing, find the tags in the base's history.

    `folder` is where the package lies, if it is one of several. Raises Refused when the base branch is not on the
    remote.
    """
    refs = remote.refs()
    base = refs.get(f"refs/heads/{base_branch}")
    if base is None:
        heads = [ref.removeprefix("refs/heads/") for ref in refs if ref.startswith("refs/heads/")]
        raise Refused(
            f"{remote.name} has no branch {base_branch}",
            evidence=[f"it has {', '.join(heads) or 'no branch at all'}"],
            hint=f"git push -u {remote.name} {base_branch}, or name another branch in [tool.shipit.branches]",
        )
    bring(remote, objects, refs, [base_branch, config.branches.main, config.branches.develop])
    ancestors = objects.ancestors(base)
    everywhere = version_tags(refs, config)
    tags = tuple(tag for tag in everywhere if tag.commit in ancestors)
    start = _released(remote, objects, refs, _last(everywhere, ancestors, config))
    commits = list(objects.history(start, base))
    touched = objects.touched(folder, start, base) if folder else None
    main = _main_alone(refs, config, base_branch, ancestors)
    if main:  # what is merged into main is released with all that main has
        since = _released(remote, objects, refs, _last(everywhere, objects.ancestors(main), config))
        commits += _others(objects.history(since, main), commits, ancestors)
        touched = touched and touched | objects.touched(folder or "", since, main)
    return Survey(
        refs=refs,
        base_branch=base_branch,
        base=base,
        tags=tags,
        all_tags=everywhere,
        commits=tuple(commits),
        touched=touched,
        ancestors=ancestors,
    )


def _last(tags: Sequence[Tag], history: frozenset[str], config: Config) -> Tag | None:
    """The last final release in a history."""
    return previous_tags([tag for tag in tags if tag.commit in history], config.version)[1]


def _main_alone(refs: Mapping[str, str], config: Config, base_branch: str, ancestors: frozenset[str]) -> str | None:
    """The tip of main, if the base will be merged into it and lacks something of it."""
    main = config.branches.main
    tip = refs.get(f"refs/heads/{main}")
    is_merged = base_branch != main and line_of(base_branch) is None
    return tip if is_merged and tip not in ancestors else None


def _others(more: Sequence[Commit], commits: Sequence[Commit], ancestors: frozenset[str]) -> list[Commit]:
    """Those that are not in the base's history, neither themselves nor as a copy with the same message."""
    messages = {commit.message for commit in commits}
    return [commit for commit in more if commit.sha not in ancestors and commit.message not in messages]


def _released(remote: Remote, objects: Objects, refs: Mapping[str, str], final: Tag | None) -> str | None:
    """What the last final release holds: its tag, and with its evidence also what a squash left outside of that."""
    if final is None:
        return None
    ref = evidence_ref(final.name)
    return bring_ref(remote, objects, ref, refs[ref]) if ref in refs else final.commit


def bring(remote: Remote, objects: Objects, refs: Mapping[str, str], branches: Sequence[str | None]) -> None:
    """Fetch the tips of these branches that are not here yet."""
    names = [f"refs/heads/{branch}" for branch in dict.fromkeys(branches) if branch]
    missing = [name for name in names if name in refs and not objects.has(refs[name])]
    if missing:
        remote.fetch(*missing)


def version_tags(refs: Mapping[str, str], config: Config) -> tuple[Tag, ...]:
    """The tags of the remote that name a version, with what they finally point to."""
    found = []
    for ref, sha in refs.items():
        name = ref.removeprefix("refs/tags/")
        if ref.startswith("refs/tags/") and version_of(name, config.version.tag_format):
            peeled = refs.get(f"{ref}^{{}}")
            found.append(Tag(name, peeled or sha))
    return tuple(found)
