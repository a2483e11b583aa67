"""Who contributed."""

from collections.abc import Iterable

from msgspec import Struct

from shipit.model import Change, Identity


class Contributor(Struct, frozen=True):
    """A person in the notes; `is_new` if this is their first contribution."""

    name: str
    is_new: bool = False


def contributors(changes: Iterable[Change], newcomers: frozenset[str] | None = None) -> tuple[Contributor, ...]:
    """The authors and co-authors of these changes, by name; bots do not count. No e-mail address gets out."""
    people: dict[str, Identity] = {}
    for change in changes:
        for person in (change.author, *change.co_authors):
            if person.name and not _is_bot(person):
                people.setdefault(person.email.lower(), person)
    new = {email.lower() for email in newcomers or ()}
    found = {person.name: email in new for email, person in people.items()}
    return tuple(Contributor(name, found[name]) for name in sorted(found, key=str.casefold))


def newcomers(changes: Iterable[Change], known: frozenset[str]) -> frozenset[str]:
    """The e-mail addresses behind these changes that are not among the known ones, in lower case."""
    people = (person for change in changes for person in (change.author, *change.co_authors))
    return frozenset(person.email.lower() for person in people) - known


def _is_bot(person: Identity) -> bool:
    return person.name.endswith("[bot]") or "[bot]@" in person.email
