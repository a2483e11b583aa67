"""Who contributed."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from shipit.model import Change, Identity

_NO_REPLY = "@users.noreply.github.com"
_TOOLS = frozenset(
    {
        *("bot", "dependabot", "github", "github-actions", "github actions", "gitlab", "greenkeeper", "imgbot"),
        *("mergify", "pre-commit-ci", "pyup", "release-please", "renovate", "renovate bot", "snyk", "web-flow"),
        *("actions-user", "allcontributors", "codecov", "semantic-release", "python-semantic-release"),
        *(
            "aider",
            "claude",
            "claude code",
            "codex",
            "copilot",
            "github copilot",
            "cursor",
            "cursor agent",
            "devin",
        ),
        *("copilot@github.com", "cursoragent@cursor.com", "noreply@anthropic.com", "noreply@github.com"),
        *(
            "action@github.com",
            "actions@github.com",
            "noreply@openai.com",
            "codex@openai.com",
            "noreply@aider.chat",
        ),
    }
)
"""Names and addresses, in lower case, under which programs make commits and are named as co-authors."""


class Contributor(Struct, frozen=True):
    """A person in the notes; `is_new` if this is their first contribution."""

    name: str
    is_new: bool = False


def contributors(changes: Iterable[Change], newcomers: frozenset[str] | None = None) -> tuple[Contributor, ...]:
    """The authors and co-authors of these changes, by name, without programs. No e-mail address gets out.

    The same address, name or account makes one person, who is new if none of theirs is an old one.
    """
    new = {email.lower() for email in newcomers or ()}
    names: dict[str, str] = {}  # what a person is known by → the name that is shown
    is_new: dict[str, bool] = {}
    for person in _people(changes):
        known = _known_by(person)
        name = next((names[one] for one in known if one in names), person.name)
        names.update(dict.fromkeys(known, name))
        is_new[name] = is_new.get(name, True) and person.email.lower() in new
    return tuple(Contributor(name, is_new[name]) for name in sorted(is_new, key=str.casefold))


def newcomers(changes: Iterable[Change], known: frozenset[str]) -> frozenset[str]:
    """The e-mail addresses, in lower case, of people behind these changes who are not among the known ones.

    `known` are names and addresses in lower case; who has one of these, or its account on GitHub, is not new.
    """
    old = known | {_account(one) for one in known}
    found = {person.email.lower(): person for person in _people(changes)}
    return frozenset(email for email, person in found.items() if old.isdisjoint(_known_by(person)))


def renamed(
    changes: Sequence[Change], known_as: Callable[[Sequence[Identity]], Sequence[Identity]]
) -> tuple[Change, ...]:
    """The changes with the co-authors as `known_as` gives them, in the same order; authors are renamed by git."""
    people = list(dict.fromkeys(one for change in changes for one in change.co_authors))
    names = dict(zip(people, known_as(people), strict=True)) if people else {}
    return tuple(
        replace(change, co_authors=tuple(dict.fromkeys(names[one] for one in change.co_authors)))
        if change.co_authors
        else change
        for change in changes
    )


def _people(changes: Iterable[Change]) -> Iterator[Identity]:
    """Who made these changes, each as often as they stand there."""
    people = (person for change in changes for person in (change.author, *change.co_authors))
    return (person for person in people if person.name and not _is_bot(person))


def _known_by(person: Identity) -> tuple[str, ...]:
    """By what two entries are seen to be one person: the address, its account, the name."""
    email = person.email.lower()
    return tuple(dict.fromkeys((email, _account(email), " ".join(person.name.lower().split()))))


def _account(email: str) -> str:
    """GitHub's `12+name@users.noreply.github.com` without the number, which older ones lack."""
    number, plus, rest = email.partition("+")
    return rest if plus and number.isdigit() and rest.endswith(_NO_REPLY) else email


def _is_bot(person: Identity) -> bool:
    """Whether a program made it: one that says so in its name or address, or a tool that people work with."""
    name, email = person.name.lower().strip(), person.email.lower()
    account = _account(email).partition("@")[0]
    return (
        name.endswith(("[bot]", "-bot", "_bot"))
        or account.endswith(("[bot]", "-bot", "_bot"))
        or account == "bot"
        or name in _TOOLS
        or email in _TOOLS
    )
