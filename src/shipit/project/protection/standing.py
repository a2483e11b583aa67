"""What holds for a branch now: branch protection, the rules of active rulesets, the file CODEOWNERS."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import Struct

from shipit.errors import ExternalError
from shipit.output.text import clean_line
from shipit.project.protection.documents import Classic, Rule, Ruleset, read
from shipit.project.protection.ports import Document, Forge

OWNER_FILES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""In the order in which GitHub looks for it; the first one counts."""
Answer = TypeVar("Answer")


class ActiveRuleset(Struct, frozen=True, kw_only=True):
    """A ruleset with those of its rules that hold for the branch."""

    ruleset: Ruleset
    rules: Sequence[Rule]

    @property
    def title(self) -> str:
        return f"ruleset {clean_line(self.ruleset.name)}"

    @property
    def checks(self) -> frozenset[str]:
        return frozenset(check.context for rule in self.rules for check in rule.asks.required_status_checks)


class Standing(Struct, frozen=True, kw_only=True):
    """All that was seen of one branch.

    `document` is branch protection as the forge answered; `unknown` are the reasons why rules were not seen;
    `owners` says what is wrong with CODEOWNERS (empty: nothing), `owners_unknown` why it could not be looked at.
    """

    branch: str
    document: Document | None = None
    classic: Classic | None = None
    rulesets: Sequence[ActiveRuleset] = ()
    owners: str = ""
    owners_unknown: str = ""
    unknown: Sequence[str] = ()

    @property
    def checks(self) -> Sequence[str]:
        """Every required check that was seen, by name."""
        classic: frozenset[str] = self.classic.checks if self.classic else frozenset()
        return sorted(classic.union(*(one.checks for one in self.rulesets)))


class _Looking:
    """Asks one question after the other, and keeps why one was not answered."""

    def __init__(self) -> None:
        self.unknown: list[str] = []

    def ask(self, question: Callable[[], Answer], otherwise: Answer) -> Answer:
        try:
            return question()
        except ExternalError as why:
            self.unknown.append("; ".join(filter(None, (why.what, why.hint))))
            return otherwise


def look(forge: Forge, branch: str, *, owners: bool) -> Standing:
    """Look at everything; raises nothing: what could not be seen is `unknown`."""
    looking = _Looking()
    document = looking.ask(lambda: forge.classic(branch), None)
    classic = looking.ask(lambda: read(document, Classic), None) if document is not None else None
    nothing: Sequence[ActiveRuleset] = ()
    rulesets = looking.ask(lambda: _rulesets(forge, branch), nothing)
    about = _Looking()
    wrong = about.ask(lambda: _owners(forge, branch), "") if owners else ""
    return Standing(
        branch=branch,
        document=document,
        classic=classic,
        rulesets=rulesets,
        owners=wrong,
        owners_unknown="".join(about.unknown),
        unknown=looking.unknown,
    )


def _rulesets(forge: Forge, branch: str) -> Sequence[ActiveRuleset]:
    """The forge itself says which rules hold: it knows its patterns, and what is only evaluated or disabled."""
    rules = read(forge.rules(branch), list[Rule])
    for rule in rules:
        _ = rule.asks  # one that cannot be read is found here, and not where it is judged
    numbers = dict.fromkeys(rule.ruleset_id for rule in rules)
    return [
        ActiveRuleset(
            ruleset=read(forge.ruleset(number), Ruleset),
            rules=[rule for rule in rules if rule.ruleset_id == number],
        )
        for number in numbers
    ]


def _owners(forge: Forge, branch: str) -> str:
    for path in OWNER_FILES:
        text = forge.file(branch, path)
        if text is not None:
            return "" if _names_owners(text) else f"{path} gives no path an owner"
    return f"no CODEOWNERS in .github/, the top or docs/ of {branch}"


def _names_owners(text: str) -> bool:
    """Whether a line has a pattern and an owner: @user, @org/team or an address."""
    lines = [line.partition("#")[0].split() for line in text.splitlines()]
    return any("@" in word for words in lines for word in words[1:])
