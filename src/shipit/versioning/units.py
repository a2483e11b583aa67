"""Commits taken apart into units: what is announced, reverted and counted as one thing."""

import re
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from shipit.model import Commit
from shipit.versioning import mentions, message, reverts, squash
from shipit.versioning.message import Message
from shipit.versioning.policy import Policy
from shipit.versioning.reverts import Undo

Reader = Callable[[str], Message]


class Reading(Struct, frozen=True):
    """How a history is read: `grammar` takes messages apart; the package in `folder` has the commits in `touched`.

    Without `touched` every commit counts.
    """

    grammar: Reader = message.parse
    folder: str = ""
    touched: frozenset[str] | None = None


PLAIN = Reading()

_NUMBER = r"v?[0-9]+\.[0-9]+\.[0-9]+[^\s]*"
_SUFFIX = r"(?: \[[^\]]*\]| \(#[0-9]+\))*"
# as text: what few commits need is compiled for the first of them, not at start-up
_RELEASE = (
    # shipit, python-semantic-release and semantic-release; release-please and cargo-release; commitizen
    rf"(?i)chore\(release\): .*|(?:(?:chore|build)(?:\([^()]*\))?: |)release:? (?:\S+ )?{_NUMBER}{_SUFFIX}"
    rf"|bump: version .*|{_NUMBER}{_SUFFIX}"
)
_MERGE_TITLES = ("Merge ", "Merged in ")


class Unit(Struct, frozen=True):
    """A commit, or one part of a squashed one (`part`); `text` is its message, tidied.

    Of a merge commit `text` is what the merge says besides "Merge …". `description` is that of the message without
    the pull request's number. `title` is that of the squashed commit whose part it is, if it has a header.
    """

    commit: Commit
    text: str
    message: Message
    description: str
    undo: Undo | None = None
    pull_request: str = ""
    part: bool = False
    title: Message | None = None

    @property
    def is_merge(self) -> bool:
        return len(self.commit.parents) > 1

    @property
    def subject(self) -> str:
        """The line by which a revert would name it, without the pull request's number."""
        text = self.text if self.part else mentions.squashed(message.normalized(self.commit.message))[0]
        line = text.partition("\n")[0]
        return mentions.pull_request(line.strip())[0]

    @property
    def is_release(self) -> bool:
        """Whether a release tool made it: it changes nothing that people use."""
        subject = self.commit.subject.strip()
        return not self.part and _may_release(subject) and re.fullmatch(_RELEASE, subject) is not None


def units(commits: Sequence[Commit], policy: Policy, read: Reader = message.parse) -> list[Unit]:
    """All units, newest first."""
    return [unit for commit in commits for unit in _units_of(commit, read, policy)]


def _units_of(commit: Commit, read: Reader, policy: Policy) -> Iterator[Unit]:
    text = message.normalized(commit.message)
    if len(commit.parents) > 1:
        yield _merge(commit, text, read)
        return
    text, pull = mentions.squashed(text)
    own, parts = squash.parts(text) if policy.squash_bodies and "\n" in text else (text, ())
    whole = unit_of(commit, own, read)
    if pull:
        whole = replace(whole, pull_request=pull)
    if not parts or whole.is_release:
        yield whole
        return
    parted = [_below(whole, unit_of(commit, part, read, part=True)) for part in parts]
    yield _with_breaks(whole, parted)
    yield from (unit for unit in parted if unit.undo or (unit.message.type and not _repeats(unit, whole)))


def _below(whole: Unit, part: Unit) -> Unit:
    """A part of a squashed commit: of the same pull request, unless it names one of its own."""
    title = whole.message if whole.message.type else None
    return replace(part, title=title, pull_request=part.pull_request or whole.pull_request)


def _with_breaks(whole: Unit, parts: Sequence[Unit]) -> Unit:
    """A squashed commit with what parts without a header of their own say breaks."""
    found = [footer for unit in parts if not unit.message.type for footer in unit.message.breaking_footers]
    if not found:
        return whole
    return replace(whole, message=replace(whole.message, footers=(*whole.message.footers, *found)))


def unit_of(commit: Commit, text: str, read: Reader, *, part: bool = False) -> Unit:
    """A commit, or a part of it, with this text."""
    parsed = read(text)
    undo = reverts.undone(text, parsed)
    description, pull = mentions.pull_request(parsed.description)
    return Unit(commit, text, parsed, description, undo, pull, part)


def _merge(commit: Commit, text: str, read: Reader) -> Unit:
    subject, _, rest = text.partition("\n")
    said = rest.lstrip("\n") if subject.startswith(_MERGE_TITLES) else text
    parsed = read(said)
    description, pull = mentions.pull_request(parsed.description)
    return Unit(commit, said, parsed, description, None, mentions.merged_pull_request(subject) or pull)


def _may_release(subject: str) -> bool:
    """Whether it is worth a closer look: most commits name no release."""
    words = subject.casefold()
    return "release" in words or words.startswith("bump:") or words.removeprefix("v")[:1].isdigit()


def _repeats(part: Unit, whole: Unit) -> bool:
    """Whether the squashed commit's own title says the same."""
    same = part.message.type == whole.message.type and part.subject == whole.subject
    return same and (not part.message.breaking or bool(whole.message.breaking))
