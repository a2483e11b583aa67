"""The order of migrations: versions ascend, and every migration comes after those that it depends on."""

import heapq
from collections.abc import Iterator, Mapping, Sequence

from shipit.migrations.model import Finding, Migration, Position
from shipit.migrations.names import Key, key, near

Places = Mapping[tuple[str, str], Position]
"""Where (a version, one that it depends on) is written."""


def arrange(
    migrations: Sequence[Migration], places: Places | None = None, known: frozenset[Key] = frozenset()
) -> tuple[tuple[Migration, ...], tuple[Finding, ...]]:
    """(in order, what is wrong with the dependencies); `known` versions have files, readable or not.

    What is part of a cycle, or depends on one, comes last.
    """
    by_key = {key(migration.version): migration for migration in migrations}
    needs = {own: _needs(migration) for own, migration in by_key.items()}
    order = list(_sorted({own: set(keys) & by_key.keys() for own, keys in needs.items()}))
    cycles = list(_cycles(needs, sorted(by_key.keys() - set(order))))
    found = [_cycle(cycle, by_key, places or {}) for cycle in cycles]
    edges = {edge for cycle in cycles for edge in _edges(cycle)}
    for own, migration in by_key.items():
        for other, version in needs[own].items():
            where = (places or {}).get((migration.version, version), Position(migration.up.path))
            if other not in by_key and other not in known:
                found.append(_missing(where, version, [each.version for each in migrations if each != migration]))
            elif other > own and (own, other) not in edges:
                found.append(_later(where, migration, version))
    last = sorted(by_key.keys() - set(order))
    return tuple(by_key[own] for own in (*order, *last)), tuple(found)


def needed(wanted: Sequence[Migration], migrations: Sequence[Migration]) -> frozenset[Key]:
    """The keys of these and of all that they depend on, however far."""
    by_key = {key(migration.version): migration for migration in migrations}
    found: set[Key] = set()
    ahead = [key(migration.version) for migration in wanted]
    while ahead:
        own = ahead.pop()
        if own in by_key and own not in found:
            found.add(own)
            ahead += _needs(by_key[own])
    return frozenset(found)


def _needs(migration: Migration) -> dict[Key, str]:
    return {key(version): version for version in migration.directives.depends}


def _sorted(needs: Mapping[Key, set[Key]]) -> Iterator[Key]:
    """The smallest that depends on nothing that is left, again and again; members of cycles never come."""
    waiting = {own: len(others) for own, others in needs.items()}
    users: dict[Key, list[Key]] = {}
    for own, others in needs.items():
        for other in others:
            users.setdefault(other, []).append(own)
    ready = [own for own, count in waiting.items() if not count]
    heapq.heapify(ready)
    while ready:
        own = heapq.heappop(ready)
        yield own
        for user in users.get(own, ()):
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, user)


def _cycles(needs: Mapping[Key, Mapping[Key, str]], left: Sequence[Key]) -> Iterator[tuple[Key, ...]]:
    """Every cycle that is reached by following the first dependency that is left, named once, smallest first."""
    among, done = set(left), set[Key]()
    for start in left:
        path: list[Key] = []
        own = start
        while own not in done:
            done.add(own)
            path.append(own)
            own = min(other for other in needs[own] if other in among)
        if own in path:
            cycle = path[path.index(own) :]
            first = cycle.index(min(cycle))
            yield (*cycle[first:], *cycle[:first])


def _edges(cycle: tuple[Key, ...]) -> Iterator[tuple[Key, Key]]:
    return zip(cycle, (*cycle[1:], cycle[0]), strict=True)


def _cycle(cycle: tuple[Key, ...], by_key: Mapping[Key, Migration], places: Places) -> Finding:
    versions = [by_key[own].version for own in (*cycle, cycle[0])]
    first = by_key[cycle[0]]
    written = _needs(first)[cycle[1] if len(cycle) > 1 else cycle[0]]
    where = places.get((first.version, written), Position(first.up.path))
    what = f"these depend on each other: {' → '.join(versions)}"
    if len(cycle) == 1:
        return Finding(where, "dependency-cycle", f"{first.version} depends on itself", "take the dependency out")
    return Finding(where, "dependency-cycle", what, "take one of these dependencies out")


def _missing(where: Position, version: str, others: Sequence[str]) -> Finding:
    known = near(version, others)
    return Finding(
        where,
        "missing-dependency",
        f"it depends on {version}, and there is no such migration",
        f"perhaps {' or '.join(known)} is meant"
        if known
        else "take the dependency out: there is no other migration",
    )


def _later(where: Position, migration: Migration, version: str) -> Finding:
    what = f"{migration.version} depends on {version}, which comes after it"
    rewrite = f"give it a version above {version}, if it is not applied anywhere yet"
    return Finding(where, "later-dependency", what, rewrite)
