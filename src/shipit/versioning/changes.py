"""From commits to changes: what is in effect, what it asks for, and why the rest does not count."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from shipit.model import Change, Commit
from shipit.versioning import mentions, reverts
from shipit.versioning.cancellations import Cancellations, balance
from shipit.versioning.levels import Level, asked
from shipit.versioning.lineage import Lineage
from shipit.versioning.message import Message, parse
from shipit.versioning.policy import Policy
from shipit.versioning.units import PLAIN, Reading, Unit, units


class Verdict(Struct, frozen=True):
    """What a unit comes to: `change` for the notes (None if it does not count) and the `level` that it asks for.

    `by_people` is true for what a person wrote, as against merges and release commits.
    """

    unit: Unit
    change: Change | None
    level: Level
    why: str
    by_people: bool = True


def evaluate(commits: Sequence[Commit], policy: Policy, reading: Reading = PLAIN) -> tuple[Verdict, ...]:
    """A verdict on every unit of these commits, newest first."""
    found = units(commits, policy, reading.grammar)
    return tuple(_Evaluation(found, Lineage(commits), policy, reading).verdicts())


def changes(verdicts: Iterable[Verdict]) -> tuple[Change, ...]:
    """What is announced, newest first."""
    return tuple(verdict.change for verdict in verdicts if verdict.change)


def greatest(verdicts: Iterable[Verdict]) -> Level:
    """What all of it together asks for."""
    return max((verdict.level for verdict in verdicts), default=Level.NONE)


class _Evaluation:
    def __init__(self, found: Sequence[Unit], lineage: Lineage, policy: Policy, reading: Reading) -> None:
        self._units = found
        self._lineage = lineage
        self._policy = policy
        self._read = reading.grammar
        self._reading = reading
        self._ledger: Cancellations = balance(found, lineage)
        self._shown: dict[tuple[str, str, str], str] = {}  # commit, type and words → the merge that covers it

    def verdicts(self) -> Iterator[Verdict]:
        by_commit: dict[str, list[Unit]] | None = None
        for position, unit in enumerate(self._units):
            if self._reading.touched is not None and self._is_elsewhere(unit, self._reading.touched):
                yield _nothing(unit, f"touches nothing in {self._reading.folder}", by_people=False)
            elif unit.is_merge:
                by_commit = by_commit or _by_commit(self._units)
                yield self._on_merge(position, unit, by_commit)
            else:
                yield self._on_unit(position, unit)

    def _on_unit(self, position: int, unit: Unit) -> Verdict:
        cancellations = self._ledger
        if position in cancellations.cancelled:
            return _nothing(unit, f"reverted by {self._sha(cancellations.cancelled[position])}")
        if position in cancellations.copies:
            return _nothing(unit, f"cherry-picked from {self._sha(cancellations.copies[position])}")
        if unit.is_release:
            return _nothing(unit, "a release commit", by_people=False)
        if unit.undo and unit.undo.whole:
            return self._on_revert(position, unit)
        merge = self._shown.get(_words(unit)) if self._shown else None
        return _nothing(unit, f"covered by merge {merge}") if merge else self._on_message(unit)

    def _on_message(self, unit: Unit) -> Verdict:
        message = unit.message
        if not message.type:
            return _nothing(unit, "no conventional header")
        level = asked(message, self._policy)
        kind = "a breaking change" if level is Level.MAJOR else f"type {message.type}"
        why = f"{kind} asks for {_release(level)}"
        if unit.title and Level.MAJOR > level > (limit := self._limit(unit.title)):
            level = limit
            why += f"; the title of the squashed commit, {unit.title.type}, for {_release(level)}, and it counts"
        if message.quotes_breaking:
            why += "; the BREAKING CHANGE of another project, whose notes it quotes, is none of this one"
        return Verdict(unit, change_of(unit), level, why)

    def _limit(self, title: Message) -> Level:
        """What a part may ask for: as much as the title of its squashed commit, and more only by breaking.

        The tools whose grammar is taken over judge each part by itself.
        """
        is_ours = getattr(self._read, "__wrapped__", self._read) is parse  # a cache may be around it
        return Level.MAJOR if not is_ours else asked(title, self._policy)

    def _on_revert(self, position: int, unit: Unit) -> Verdict:
        settled = self._ledger.settled.get(position)
        if settled is not None:
            names = ", ".join(dict.fromkeys(self._sha(target) for target in settled))
            return _nothing(unit, f"reverts {names}")
        subject, gone = reverts.core(unit.undo.subject if unit.undo else "")
        inner = self._read(subject)
        if gone:
            change = replace(change_of(unit), type=inner.type, scope=inner.scope, description=inner.description)
            return Verdict(unit, change, asked(inner, self._policy), "brings back what a release reverted")
        return self._on_released(unit, subject)

    def _on_released(self, unit: Unit, subject: str) -> Verdict:
        """What it reverts is not new since the last release: people have it, so the notes must say so."""
        inner = self._read(subject)
        needed = not inner.type or asked(inner, self._policy) > Level.NONE
        level = max(Level.PATCH if needed else Level.NONE, asked(unit.message, self._policy))
        change = replace(change_of(unit), type="revert", scope=unit.message.scope, description=subject)
        return Verdict(unit, change, level, "reverts what is released")

    def _on_merge(self, position: int, unit: Unit, by_commit: dict[str, list[Unit]]) -> Verdict:
        """The branch speaks for itself, unless the merge's own title says more."""
        if position in self._ledger.cancelled:
            why = f"reverted by {self._sha(self._ledger.cancelled[position])}"
            return _nothing(unit, why, by_people=False)
        family = [each for sha in self._lineage.family(unit.commit.sha) for each in by_commit.get(sha, ())]
        shown = [asked(each.message, self._policy) for each in family if each.message.type]
        if not unit.message.type or unit.is_release or (shown and max(shown) >= asked(unit.message, self._policy)):
            return _nothing(unit, "merge commit: its commits count", by_people=False)
        title = _words(unit)[1:]
        self._shown.update((_words(each), unit.commit.sha[:7]) for each in family if _words(each)[1:] == title)
        return self._on_message(unit)

    def _is_elsewhere(self, unit: Unit, touched: frozenset[str]) -> bool:
        """Whether neither the commit nor, for a merge, anything that it brought in is the package's."""
        sha = unit.commit.sha
        return sha not in touched and not (unit.is_merge and touched.intersection(self._lineage.family(sha)))

    def _sha(self, position: int) -> str:
        return self._units[position].commit.sha[:7]


def _release(level: Level) -> str:
    return f"a {level.word} release" if level else "no release"


def _nothing(unit: Unit, why: str, *, by_people: bool = True) -> Verdict:
    return Verdict(unit, None, Level.NONE, why, by_people)


def _words(unit: Unit) -> tuple[str, str, str]:
    return (unit.commit.sha, unit.message.type, unit.description)


def change_of(unit: Unit) -> Change:
    """What a unit announces if it counts."""
    message, commit = unit.message, unit.commit
    return Change(
        sha=commit.sha,
        type=message.type,
        scope=message.scope,
        description=unit.description,
        breaking=tuple(dict.fromkeys(_without_number(text, unit) for text in message.breaking)),
        pull_request=unit.pull_request,
        issues=mentions.issues(unit.text, message.footers),
        author=commit.author,
        co_authors=mentions.co_authors(message),
        references=mentions.references(message.footers) if message.footers else (),
        time=commit.time,
    )


def _without_number(text: str, unit: Unit) -> str:
    """What breaks, without the number of the pull request, which the notes name beside it."""
    words, number = mentions.pull_request(text)
    return words if number and number == unit.pull_request else text


def _by_commit(found: Sequence[Unit]) -> dict[str, list[Unit]]:
    table: dict[str, list[Unit]] = {}
    for unit in found:
        table.setdefault(unit.commit.sha, []).append(unit)
    return table
