"""What a release announces, at a glance: in a long history the first line of most commits says it all.

The full judgement asks of every commit what it reverts, merges, copies and what reverts it. Where no commit of a
release says anything of the kind, each stands for itself, and most need no more than one regular expression. A test
holds the two against each other on random histories.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from msgspec.structs import replace

from shipit.model import Change, Commit
from shipit.versioning.changes import changes, evaluate
from shipit.versioning.mentions import issues, pull_request, references
from shipit.versioning.message import HEADER, footers, header
from shipit.versioning.policy import Policy
from shipit.versioning.record import Record

_RELEASING = frozenset({"build", "bump", "chore", "release"})
"""Types that the commits of release tools have."""

_LONGEST_ID = 64


class Glance:
    """Looks at releases, one after the other, for breaking changes and for those of some types."""

    def __init__(self, policy: Policy, types: Collection[str]) -> None:
        self._policy = policy
        self._types = types
        self._asks = lru_cache(1024)(self._judge_beginning)  # few beginnings make a history

    def changes(self, records: Sequence[Record]) -> tuple[Change, ...]:
        """The changes that are announced, newest first.

        Same as of `judge`, but for the changes of other types, and for who made them and when.
        """
        return self._judged(records) if _concern_each_other(records) else tuple(self._shown(records))

    def _shown(self, records: Sequence[Record]) -> Iterator[Change]:
        asks, types = self._asks, self._types
        for record in records:
            text = record.text
            breaking = "BREAKING" in text
            found = header(text) if breaking or asks(text.partition(":")[0]) else None
            if not found:
                continue
            kind, scope, mark, description = found.groups()
            kind = kind.lower()
            if mark or breaking or (kind in types and kind in _RELEASING):
                yield from self._judged([record])
            elif kind in types:
                scope = scope.strip() if scope else ""
                description, pull = description.rstrip(), ""
                if description.endswith(")"):
                    description, pull = pull_request(description)
                found_footers = footers(text) if "#" in text else ()
                closed = issues(text, found_footers)
                named = references(found_footers) if found_footers else ()
                yield Change(record.sha, kind, scope, description, (), pull, closed, references=named)

    def _judge_beginning(self, beginning: str) -> bool:
        """Whether a message that begins so, up to its first colon, has to be looked at."""
        found = HEADER.match(f"{beginning}: x")
        if found is None:
            # a scope may have a colon, and an emoji or a space may stand in front
            return "(" in beginning or not beginning[:1].isalnum()
        return found[3] is not None or found[1].lower() in self._types

    def _judged(self, records: Sequence[Record]) -> tuple[Change, ...]:
        commits = [Commit(record.sha, record.message, record.parents) for record in records]
        found = changes(evaluate(commits, self._policy))
        shown = (change for change in found if change.breaking or change.type in self._types)
        return tuple(replace(change, co_authors=()) if change.co_authors else change for change in shown)


def _concern_each_other(records: Sequence[Record]) -> bool:
    """Whether what one of them comes to may hang on another, or on more than its header and footers.

    Rather too often than once too few: all messages are searched at once, wherever the words stand in them.
    """
    texts = "\0".join(["", *[record.text for record in records]]).lower()
    return (
        "evert" in texts
        or "eapply" in texts
        or "cherry picked" in texts
        or ("\n* " in texts and "(#" in texts)  # GitHub's squash
        or "squashed" in texts
        or "\r" in texts
        or "\0merged " in texts  # what forges write before a title
        or "\0\n" in texts  # a header that is not at the beginning
        or (not texts.isascii() and "\0\ufeff" in texts)
        or max([len(record.kin) for record in records], default=0) > _LONGEST_ID  # merges
    )
