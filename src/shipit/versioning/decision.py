"""Which version comes next, since when, with which changes, and why."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from shipit.errors import UsageError
from shipit.model import Change, Commit, Tag
from shipit.versioning import bump, explain, maintenance
from shipit.versioning.bump import Forced, Wish
from shipit.versioning.changes import Verdict, changes, evaluate, greatest
from shipit.versioning.explain import Row
from shipit.versioning.floor import NotThisVersion, merge_back, waits
from shipit.versioning.levels import Level
from shipit.versioning.lineage import Lineage
from shipit.versioning.maintenance import Line
from shipit.versioning.number import Version, parse, pep440
from shipit.versioning.policy import Policy
from shipit.versioning.tags import VersionTag, tag_name, version_tags
from shipit.versioning.units import PLAIN, Reading


class Question(Struct, frozen=True):
    """What is asked: what a release of this history would be.

    `commits` are those reachable from the base and not from the last final version tag, newest first; `tags` those
    reachable from the base; `taken` all that exist anywhere, if known: their versions are not given a second time.
    `forced` is the version that a person named, `branch` what is released: a maintenance branch keeps to its line.
    `waiting` names, for tags that are not merged back into `branch`, the branch that waits for a person to do so.
    `initial_origin` is the key that the version of a first release comes from.
    """

    commits: Sequence[Commit]
    tags: Sequence[Tag]
    policy: Policy
    kind: str = "auto"
    pre: str | None = None
    forced: Forced | None = None
    taken: Sequence[Tag] = ()
    branch: str | None = None
    reading: Reading = PLAIN
    waiting: Mapping[str, str] = {}
    initial_origin: str = "version.initial"

    @property
    def wish(self) -> Wish:
        return self.forced.wish if self.forced else Wish(self.kind, self.pre)


class Decision(Struct, frozen=True):
    """What a release would be; `version` None if there is nothing to release, for the reason in `why`.

    `previous` is the tag since which `changes` came: the last final one for a final release, the last one of all
    for a prerelease. `rows` explain every commit, `basis` says what the version counts from. `reason` is a
    person's for a version that they named.
    """

    version: str | None
    previous: str | None
    changes: tuple[Change, ...]
    rows: tuple[Row, ...]
    why: str = ""
    reason: str = ""
    basis: str = ""


class TagElsewhere(NotThisVersion):
    """The tag of the next version exists, outside of the history that is released."""


class _Past(Struct, frozen=True):
    """The releases that the base stands on: the last final one, and the prereleases since."""

    final: VersionTag | None
    latest: VersionTag | None
    known: tuple[Version, ...]

    @property
    def line(self) -> Version | None:
        """The highest prerelease since the last final version."""
        return self.latest.version if self.latest and not self.latest.version.is_final else None


def decide(asked: Question) -> Decision:
    """Decide what a release of the base would be.

    Raises UsageError for a wish or a configuration that makes no sense, Refused if the version exists elsewhere or
    leaves the line.
    """
    commits, policy, forced, wish = asked.commits, asked.policy, asked.forced, asked.wish
    past = _past(asked.tags, asked.taken, policy)
    fresh = _fresh(commits, past, wish)
    verdicts = evaluate(commits, policy, asked.reading)
    shown = verdicts if len(fresh) == len(commits) else evaluate(fresh, policy, asked.reading)
    since = past.latest if wish.is_prerelease else past.final
    previous = since.tag.name if since else None
    nothing = _nothing(shown, wish, previous, forced)
    if nothing and _promotes(wish, past):
        shown, previous = verdicts, past.final.tag.name if past.final else None
        nothing = _nothing(shown, wish, previous, forced)
    if nothing and (asked.reading.touched is not None or not _brings_a_release(fresh, commits, wish, past)):
        return Decision(None, previous, (), explain.rows(verdicts), nothing)
    version = _above(forced, past) if forced else _next(greatest(verdicts), past, wish, policy)
    rows = explain.rows(verdicts)
    try:
        _refuse_leaving(version, asked.branch, () if forced else verdicts)
        _refuse_taken(version, asked)
    except NotThisVersion as error:
        error.rows = rows
        raise
    pep440(version)
    reason, basis = (forced.reason, "") if forced else ("", _basis(version, past, asked))
    return Decision(str(version), previous, changes(shown), rows, reason=reason, basis=basis)


def _past(tags: Sequence[Tag], taken: Sequence[Tag], policy: Policy) -> _Past:
    """Prereleases of a kind that no index knows, such as nightlies, announce nothing and do not count."""
    found = [each for each in version_tags(tags, policy.tag_format) if each.version.announces]
    final = next((each for each in found if each.version.is_final), None)
    everywhere = version_tags(taken, policy.tag_format)
    return _Past(final, found[0] if found else None, tuple(each.version for each in (*found, *everywhere)))


def _fresh(commits: Sequence[Commit], past: _Past, wish: Wish) -> Sequence[Commit]:
    """The commits that the notes are about; a final release repeats what its prereleases announced."""
    if not (wish.is_prerelease and past.line and past.latest):
        return commits
    shown = Lineage(commits).ancestors(past.latest.tag.commit)
    return [commit for commit in commits if commit.sha not in shown]


def _promotes(wish: Wish, past: _Past) -> bool:
    """Whether a later kind of prerelease was asked for: what was a beta may become a candidate as it is."""
    line = past.line
    return line is not None and wish.pre is not None and line.token not in {"", wish.pre}


def _brings_a_release(fresh: Sequence[Commit], commits: Sequence[Commit], wish: Wish, past: _Past) -> bool:
    """Whether a final release, such as a hot fix, was merged in since the last prerelease, which lacks it."""
    if not wish.is_prerelease or past.line is None:
        return False
    known = {commit.sha for commit in commits}
    merges = (commit.parents for commit in fresh if len(commit.parents) > 1)
    return any(parent not in known for parents in merges for parent in parents)


def _nothing(shown: Sequence[Verdict], wish: Wish, previous: str | None, forced: Forced | None) -> str:
    """Why there is nothing to release; empty if there is."""
    since = f"since {previous}" if previous else "yet"
    if not any(verdict.by_people for verdict in shown):
        return f"no commits {since}"
    if wish.kind == "auto" and not forced and previous and not greatest(shown):
        return f"no commit {since} asks for a release"
    return ""


def _next(level: Level, past: _Past, wish: Wish, policy: Policy) -> Version:
    major_on_zero = policy.major_on_zero or wish.level is Level.MAJOR
    if past.final is None:
        target = bump.first(parse(policy.initial), wish)
    else:
        target = bump.raised(past.final.version, wish.level or level, major_on_zero=major_on_zero)
    target = bump.not_below(target, past.line)
    return bump.next_prerelease(target, wish, past.line, past.known) if wish.is_prerelease else target


def _basis(version: Version, past: _Past, asked: Question) -> str:
    """What a version counts from, in words."""
    line, final = past.line, past.final
    if line and past.latest and line.core == version.core:
        return f"{version} counts from {past.latest.tag.name}: this line of prereleases leads to {line.core}"
    if final is None:
        initial = f"{asked.initial_origin} = {asked.policy.initial}"
        return f"{version} counts from {initial}: no tag in the history names a version"
    return f"{version} counts from {final.tag.name}"


def _above(forced: Forced, past: _Past) -> Version:
    """The version that was named; raises UsageError if it does not come after the last one."""
    latest = past.latest
    if latest and forced.version <= latest.version:
        raise UsageError(
            f"{forced.version} does not come after {latest.tag.name}, which is released",
            hint=f"name a version above {latest.version}",
        )
    return forced.version


def _refuse_leaving(version: Version, branch: str | None, verdicts: Sequence[Verdict]) -> None:
    line = maintenance.line_of(branch)
    if line is None or line.holds(version):
        return
    raise NotThisVersion(
        f"the next version would be {version}, which does not belong on {branch}",
        evidence=_too_much(line, verdicts),
        hint=f"only {line.smaller} releases fit there: revert what asks for more, or release another branch",
    )


def _too_much(line: Line, verdicts: Sequence[Verdict]) -> list[str]:
    """The commits that ask for more than the line can give."""
    asking = [verdict for verdict in verdicts if verdict.level > line.greatest]
    return [f"{one.unit.commit.sha[:7]} {one.unit.subject}: {one.why}" for one in asking[:5]]


def _refuse_taken(version: Version, asked: Question) -> None:
    name = tag_name(version, asked.policy.tag_format)
    tag = next((tag for tag in asked.taken if tag.name == name), None)
    if tag is None:
        return
    waiting = asked.waiting.get(name)
    if waiting:
        raise NotThisVersion(
            f"{name} is released, but not merged back into {asked.branch} yet",
            evidence=[waits(waiting)],
            hint=f"{merge_back(waiting, asked.branch)}, then run the same command again",
        )
    raise TagElsewhere(
        f"the next version would be {version}, but the tag {name} exists on another line of history",
        evidence=[f"{name} points to {tag.commit[:7] or 'no commit'}, which is not part of what is released"],
        hint='merge that release first, or name another version: --as VERSION --reason "…"',
    )
