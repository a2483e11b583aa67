"""What a release announces, at a glance: in a long history the first line of most commits says it all.

The full judgement asks of every commit what it reverts, merges, copies and what reverts it. Most commits of a
release concern no other: each of these stands for itself, and needs no more than one regular expression. A test
holds the two against each other on random histories.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
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
_BEGINNING = 8
_PLAIN_WORDS = re.compile(r"[^\s(][^\n\t(]*[^\s(]")
"""The beginning of a title that is no shorter."""
_TAKING_BACK = ("evert", "eapply", "cherry picked")


class Glance:
    """Looks at releases, one after the other, for breaking changes and for those of some types."""

    def __init__(self, policy: Policy, types: Collection[str]) -> None:
        self._policy = policy
        self._types = types
        self._begun = lru_cache(1024)(self._beginning)  # few beginnings make a history

    def changes(self, records: Sequence[Record]) -> tuple[Change, ...]:
        """The changes that are announced, newest first.

        Same as of `judge`, but for the changes of other types, and for who made them and when.
        """
        each = [record.text for record in records]
        texts, beginnings = "\0".join(each).lower(), "\0".join(["", *[text[:_BEGINNING] for text in each]])
        merges = [record for record in records if len(record.kin) > _LONGEST_ID]
        if _all_concern_each_other(texts, beginnings) or any(map(_may_announce, merges)):
            return self._judged(records)
        alone = [record for record in records if len(record.kin) <= _LONGEST_ID] if merges else records
        if not any(word in texts for word in _TAKING_BACK):
            return tuple(self._shown(alone))
        concerned = _concerned(alone, merges)
        return self._judged(records) if concerned is None else tuple(self._both(alone, concerned))

    def _both(self, records: Sequence[Record], concerned: Sequence[Record]) -> Iterator[Change]:
        """Those that concern each other are judged together, each of the others by itself."""
        judged: dict[str, list[Change]] = {record.sha: [] for record in concerned}
        for change in self._judged(concerned):
            judged[change.sha].append(change)
        others = (record for record in records if record.sha not in judged)
        shown: dict[str, list[Change]] = {}
        for change in self._shown(others):
            shown.setdefault(change.sha, []).append(change)
        for record in records:
            yield from (judged if record.sha in judged else shown).get(record.sha, ())

    def _shown(self, records: Iterable[Record]) -> Iterator[Change]:
        begun, types = self._begun, self._types
        for record in records:
            text = record.text
            beginning, colon, rest = text.partition(":")
            if not colon:
                continue
            kind, scope, is_sure = begun(beginning)
            if "BREAKING" in rest:
                if header(text):
                    yield from self._judged([record])
            elif is_sure and not kind:
                continue
            elif is_sure and rest[:1] == " " and rest[1:2].isalnum():
                yield _plain_change(record, kind, scope, rest)
            elif (found := header(text)) and (found[3] or found[1].lower() in types):
                yield from self._judged([record])

    def _beginning(self, beginning: str) -> tuple[str, str, bool]:
        """What a message that begins so, up to its first colon, announces: (type, scope, whether that is sure).

        The type is empty where it announces nothing.
        """
        found = HEADER.fullmatch(f"{beginning}: x")
        if found is None:
            # a scope may have a colon, and an emoji or a space may stand in front
            return "", "", "(" not in beginning and beginning[:1].isalnum()
        kind = found[1].lower()
        if found[3] or kind in _RELEASING:
            return "", "", not found[3] and kind not in self._types
        return (kind, (found[2] or "").strip(), True) if kind in self._types else ("", "", True)

    def _judged(self, records: Sequence[Record]) -> tuple[Change, ...]:
        commits = [Commit(record.sha, record.message, record.parents) for record in records]
        found = changes(evaluate(commits, self._policy))
        shown = (change for change in found if change.breaking or change.type in self._types)
        return tuple(replace(change, co_authors=()) if change.co_authors else change for change in shown)


def _plain_change(record: Record, kind: str, scope: str, rest: str) -> Change:
    """The change of a plain message; `rest` is what stands behind the colon."""
    description, pull = rest.partition("\n")[0].strip(), ""
    if description.endswith(")"):
        description, pull = pull_request(description)
    if "#" not in rest:
        return Change(record.sha, kind, scope, description, (), pull)
    found = footers(record.text)
    named = references(found) if found else ()
    return Change(record.sha, kind, scope, description, (), pull, issues(record.text, found), references=named)


def _all_concern_each_other(texts: str, beginnings: str) -> bool:
    """Whether what a commit comes to may hang on any other, or on more than its header and footers.

    `texts` are all messages in lower case, `beginnings` their first characters, each behind a NUL: rather too often
    than once too few.
    """
    return (
        ("(#" in texts and "\n* " in texts)  # GitHub's squash
        or "squashed" in texts
        or "\r" in texts
        or "\0Merged " in beginnings  # what forges write before a title
        or "\0\n" in beginnings  # a header that is not at the beginning
        or "\0\ufeff" in beginnings
    )


def _may_announce(merge: Record) -> bool:
    """Whether a merge commit says more than that it is one."""
    subject, _, rest = merge.text.partition("\n")
    return header(rest.lstrip("\n") if subject.startswith("Merge ") else merge.text) is not None


def _concerned(records: Sequence[Record], merges: Sequence[Record]) -> list[Record] | None:
    """What takes something back or is picked, and whatever it may mean; None if that may be what merges brought."""
    taking = [record for record in records if _takes_back(record.text.lower())]
    words = "\n".join(record.text for record in taking)
    small, numbers = words.lower(), re.findall(r"[#!][0-9]+", words)
    if "…" in words or "..." in words or any(_is_meant(one, words, small, numbers) for one in merges):
        return None  # a shortened title means any that begins so
    own = {record.sha for record in taking}
    return [one for one in records if one.sha in own or _is_meant(one, words, small, numbers)]


def _takes_back(text: str) -> bool:
    return any(word in text for word in _TAKING_BACK)


def _is_meant(record: Record, words: str, small: str, numbers: Sequence[str]) -> bool:
    """Whether these words may name a commit: by its id, by a number in its message, or by its title."""
    if record.sha[:7] in small:
        return True
    text = record.text
    beginning = text[:_BEGINNING]
    if len(beginning) < _BEGINNING or beginning in words or not _PLAIN_WORDS.fullmatch(beginning):
        title = text.partition("\n")[0].strip()
        for mark in (" (", "\t(", "(#", "(!", "(pull"):  # where a number may follow, which is no part of the title
            title = title.partition(mark)[0]
        if title in words:
            return True
    return any(number in text for number in numbers)
