"""What --apply would write: one ruleset, or branch protection where that is what holds a branch."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from shipit.config import Protection
from shipit.errors import Refused
from shipit.output.text import clean_line
from shipit.project.protection import classic, own
from shipit.project.protection.actor import Actor, Stops
from shipit.project.protection.demands import Kind, Row, State
from shipit.project.protection.documents import Ruleset, read
from shipit.project.protection.ports import Document, Forge
from shipit.project.protection.standing import Standing


class Seen(Struct, frozen=True, kw_only=True):
    """A branch with its rows; `stops` is what stops the release actor, where there is one."""

    standing: Standing
    rows: Sequence[Row]
    stops: Stops = Stops()

    @property
    def lacks_rules(self) -> bool:
        return any(row.kind is Kind.RULE and row.state is State.MISSING for row in self.rows)

    @property
    def is_ours(self) -> bool:
        """Whether the ruleset of shipit holds for it."""
        return any(_is_own(one.ruleset) for one in self.standing.rulesets)


class Change(Struct, frozen=True, kw_only=True):
    """One write: bodies of what stands and of what is wanted; `standing` asks for the former once more."""

    title: str
    before: Document
    after: Document
    write: Callable[[], None]
    standing: Callable[[], Document]

    @property
    def lines(self) -> list[str]:
        """What goes and what comes, a line each."""
        before, after = list(_lines(self.before)), list(_lines(self.after))
        gone = [f"- {line}" for line in before if line not in after]
        return [*gone, *(f"+ {line}" for line in after if line not in before)]

    def is_there(self) -> bool:
        """Look whether all that was wanted stands now."""
        there = set(_lines(self.standing()))
        return all(line in there for line in _lines(self.after))


def changes(forge: Forge, options: Protection, seen: Sequence[Seen], actor: Actor | None) -> Iterator[Change]:
    """Every write that is needed. Raises Refused where a setting would be lost, and ExternalError."""
    by_ruleset = []
    for one in seen:
        if actor is None and one.standing.document is not None:
            if one.lacks_rules:
                yield _of_classic(forge, options, one.standing.branch, one.standing.document)
        elif _needs_ruleset(one):
            by_ruleset.append(one.standing)
    if by_ruleset:
        yield from _of_ruleset(forge, options, by_ruleset, actor)


def _needs_ruleset(seen: Seen) -> bool:
    """A foreign ruleset that stops the actor stops it still, whatever another one says."""
    stopped = seen.stops.classic or any(_is_own(one.ruleset) for one in seen.stops.rulesets)
    return bool(stopped or seen.lacks_rules)


def _is_own(ruleset: Ruleset) -> bool:
    return ruleset.name == own.NAME and ruleset.source_type == "Repository"


def _of_classic(forge: Forge, options: Protection, branch: str, document: Document) -> Change:
    before = classic.as_sent(document)
    after = classic.wanted(before, options)
    return Change(
        title=f"branch protection of {branch}",
        before=before,
        after=after,
        write=lambda: forge.write_classic(branch, after),
        standing=lambda: classic.as_sent(forge.classic(branch) or {}),
    )


def _of_ruleset(
    forge: Forge, options: Protection, standings: Sequence[Standing], actor: Actor | None
) -> Iterator[Change]:
    found = forge.own_ruleset(own.NAME)
    number = _number(found) if found else None
    before = own.as_sent(found)
    held = {one.branch for one in standings if any(ruleset.ruleset.id == number for ruleset in one.rulesets)}
    after = own.wanted(before, [one.branch for one in standings if one.branch not in held], options, actor)
    if after != before:
        yield Change(
            title=f"ruleset {own.NAME}{'' if found else ' (new)'}",
            before=before,
            after=after,
            write=lambda: forge.write_ruleset(number, after),
            standing=lambda: own.as_sent(forge.own_ruleset(own.NAME)),
        )


def _number(found: Document) -> int:
    """Of a ruleset that can be sent back; raises Refused where a part is hidden, Unavailable for another shape."""
    ruleset = read(found, Ruleset)
    for rule in ruleset.rules:
        _ = rule.asks  # raises where it cannot be read
    if ruleset.bypass_actors is None:
        raise Refused(
            f"nothing was written: who may pass the ruleset {own.NAME} is not shown to this token",
            hint="use a token with `administration: write`; the GITHUB_TOKEN of Actions cannot have it",
        )
    return ruleset.id


def _lines(value: object, at: str = "") -> Iterator[str]:
    """Every setting with its path."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _lines(inner, f"{at}.{key}" if at else str(key))
        case list():
            for inner in value:
                yield from _items(inner, at)
        case _:
            yield f"{at}: {_plain(value)}"


def _items(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, Mapping) and "type" in value:
        rest = {key: inner for key, inner in value.items() if key != "type"}
        yield f"{at}: {clean_line(str(value['type']))}"
        yield from _lines(rest.get("parameters") or {}, f"{at}.{value['type']}")
    else:
        yield f"{at}: {_plain(value)}"


def _plain(value: object) -> str:
    return clean_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True))
