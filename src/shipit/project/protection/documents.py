"""The parts of the forge's documents that are judged; what is not named here is kept and not read.

https://docs.github.com/rest/branches/branch-protection, https://docs.github.com/rest/repos/rules
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from shipit.errors import Unavailable

Shape = TypeVar("Shape")


class Login(Struct, frozen=True):
    """A user."""

    login: str


class Slug(Struct, frozen=True):
    """A team or an app."""

    slug: str


class Party(Struct, frozen=True, kw_only=True):
    """Who is excepted from a rule, or who alone may do something."""

    users: Sequence[Login] = ()
    teams: Sequence[Slug] = ()
    apps: Sequence[Slug] = ()

    def has(self, kind: str, name: str) -> bool:
        """Whether an app, a team or a user is named; a member of a team is not."""
        names = {
            "user": [one.login for one in self.users],
            "team": [one.slug for one in self.teams],
            "app": [one.slug for one in self.apps],
        }
        return name.lower() in {one.lower() for one in names[kind]}


class Check(Struct, frozen=True):
    """A required check; `app_id` None: from any app."""

    context: str
    app_id: int | None = None


class StatusChecks(Struct, frozen=True, kw_only=True):
    """Required checks of branch protection; `contexts` are the same in the older spelling."""

    strict: bool = False
    contexts: Sequence[str] = ()
    checks: Sequence[Check] = ()

    @property
    def names(self) -> frozenset[str]:
        return frozenset([*self.contexts, *(one.context for one in self.checks)])


class Reviews(Struct, frozen=True, kw_only=True):
    """What branch protection asks of a pull request."""

    dismiss_stale_reviews: bool = False
    require_code_owner_reviews: bool = False
    required_approving_review_count: int = 0
    dismissal_restrictions: Party | None = None
    bypass_pull_request_allowances: Party | None = None


class Switch(Struct, frozen=True):
    """On or off."""

    enabled: bool = False


class Classic(Struct, frozen=True, kw_only=True):
    """Branch protection."""

    required_status_checks: StatusChecks | None = None
    enforce_admins: Switch = Switch()
    required_pull_request_reviews: Reviews | None = None
    restrictions: Party | None = None
    lock_branch: Switch = Switch()

    @property
    def checks(self) -> frozenset[str]:
        return self.required_status_checks.names if self.required_status_checks else frozenset()


class RuleCheck(Struct, frozen=True):
    """A required check of a ruleset."""

    context: str


class Parameters(Struct, frozen=True, kw_only=True):
    """Those of the rules pull_request and required_status_checks."""

    dismiss_stale_reviews_on_push: bool = False
    require_code_owner_review: bool = False
    required_approving_review_count: int = 0
    required_status_checks: Sequence[RuleCheck] = ()


class Rule(Struct, frozen=True, kw_only=True):
    """A rule that holds for a branch, and the ruleset that it is of."""

    type: str
    ruleset_id: int = 0
    parameters: Mapping[str, Any] | None = None

    @property
    def asks(self) -> Parameters:
        """What is asked of checks and reviews; nothing for a rule of another kind."""
        if self.type in {"pull_request", "required_status_checks"}:
            return read(self.parameters or {}, Parameters)
        return Parameters()


class Bypass(Struct, frozen=True, kw_only=True):
    """Who may pass a ruleset; `bypass_mode` always, exempt, or pull_request."""

    actor_type: str
    actor_id: int | None = None
    bypass_mode: str = "always"


class RefName(Struct, frozen=True):
    """Patterns of refs for which a ruleset is meant."""

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()


class Conditions(Struct, frozen=True):
    """Where a ruleset holds."""

    ref_name: RefName | None = None


class Ruleset(Struct, frozen=True, kw_only=True):
    """A ruleset; `bypass_actors` None: this token may not see them."""

    id: int
    name: str
    source_type: str = "Repository"
    bypass_actors: Sequence[Bypass] | None = None
    conditions: Conditions | None = None
    rules: Sequence[Rule] = ()


def read(document: object, shape: type[Shape]) -> Shape:
    """The part of a document that is known; raises Unavailable for one of another shape."""
    try:
        return msgspec.convert(document, shape)
    except msgspec.ValidationError as error:
        raise Unavailable(
            "the forge answered in another shape than it describes",
            evidence=[f"{shape.__name__}: {error}"],
            hint="look for a newer shipit, or check forge.api",
        ) from error
