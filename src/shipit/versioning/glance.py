"""What a release announces, at a glance: in a long history most commits are told by their first line alone.

The full judgement asks of every commit what it reverts, merges, copies and what reverts it. Where no commit of a
release says anything of the kind, each stands for itself, and most need no more than one regular expression. A test
holds the two against each other on random histories.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from shipit.model import Change, Commit
from shipit.versioning.changes import changes, judge
from shipit.versioning.mentions import issues, pull_request
from shipit.versioning.message import HEADER, parse
from shipit.versioning.policy import Policy
from shipit.versioning.record import Record

_RELEASING = frozenset({"build", "bump", "chore", "release"})
"""Types that the commits of release tools have."""


_LONGEST_ID = 64


def glance(records: Sequence[Record], policy: Policy, types: Collection[str]) -> tuple[Change, ...]:
    """The changes that are announced, newest first: breaking ones, and those of these types.

    Same as of `judge`, but for the changes of other types, and for who made them and when.
    """
    return _judged(records, policy, types) if _concern_each_other(records) else tuple(_told(records, policy, types))


def _concern_each_other(records: Sequence[Record]) -> bool:
    """Whether what one of them comes to may hang on another, or on more than its header and footers.

    Rather too often than once too few: all messages are searched at once, wherever the words stand in them.
    """
    texts = "\0".join(["", *(record.text for record in records)]).lower()
    return (
        "evert" in texts
        or "eapply" in texts
        or "cherry picked" in texts
        or ("\n* " in texts and "(#" in texts)  # GitHub's squash
        or "squashed" in texts
        or "\r" in texts
        or "\0\n" in texts  # a header that is not at the beginning
        or "\0\ufeff" in texts
        or any(len(record.kin) > _LONGEST_ID for record in records)  # merges
    )


def _told(records: Sequence[Record], policy: Policy, types: Collection[str]) -> Iterator[Change]:
    header = HEADER.match
    for record in records:
        text = record.text
        found = header(text)
        if not found:
            continue
        kind, scope, mark, description = found.groups()
        kind = kind.lower()
        if mark or "BREAKING" in text or (kind in types and kind in _RELEASING):
            yield from _judged([record], policy, types)
        elif kind in types:
            scope = scope.strip() if scope else ""
            description, pull = pull_request(description.rstrip())
            closed = issues(text, parse(text)) if "#" in text else ()
            yield Change(record.sha, kind, scope, description, (), pull, closed)


def _judged(records: Sequence[Record], policy: Policy, types: Collection[str]) -> tuple[Change, ...]:
    found = changes(judge([Commit(record.sha, record.message, record.parents) for record in records], policy))
    told = (change for change in found if change.breaking or change.type in types)
    return tuple(replace(change, co_authors=()) if change.co_authors else change for change in told)
