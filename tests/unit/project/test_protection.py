"""What the configuration demands of a branch, and what is seen to hold it."""

from typing import Any

import pytest

from shipit.errors import Denied, LiveDiffers, Refused, Unavailable, UsageError
from shipit.project.protection.command import verify
from tests.unit.project.conftest import Bench

ON = {"enabled": True}
REVIEWS = {
    "dismiss_stale_reviews": True,
    "require_code_owner_reviews": True,
    "required_approving_review_count": 1,
}
CHECKS = {"contexts": ["lint"], "checks": [{"context": "lint", "app_id": 15368}]}
CLASSIC: dict[str, Any] = {
    "enforce_admins": ON,
    "required_pull_request_reviews": REVIEWS,
    "required_status_checks": CHECKS,
}
PULL_REQUEST = {
    "type": "pull_request",
    "parameters": {
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "required_approving_review_count": 1,
    },
}
STATUS = {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "lint"}]}}
RULES = [PULL_REQUEST, STATUS]
APP = "app:acme-release"
ALWAYS = {"actor_type": "Integration", "actor_id": 7, "bypass_mode": "always"}
NO_RIGHT = Denied("GitHub refused: Not Found", hint="the token needs `administration: read`")


def differences(bench: Bench, **options: Any) -> tuple[str, ...]:
    with pytest.raises(LiveDiffers) as raised:
        verify(bench.job(**options))
    return raised.value.evidence


class TestADemand:
    def test_is_held_by_branch_protection(self, bench: Bench) -> None:
        bench.forge.protection["main"] = CLASSIC
        assert set(bench.table(verify).values()) == {"branch protection", "on the branch"}
        assert bench.heard.facts == {"verified": "true", "held": "6", "missing": "0", "unknown": "0"}

    def test_is_held_by_a_ruleset(self, bench: Bench) -> None:
        bench.forge.add("guard", RULES)
        assert set(bench.table(verify).values()) == {"ruleset guard", "on the branch"}

    def test_is_held_by_either_and_both_are_named(self, bench: Bench) -> None:
        bench.forge.protection["main"] = {"enforce_admins": ON, "required_status_checks": CHECKS}
        bench.forge.add("guard", RULES)
        table = bench.table(verify)
        assert table["main", "check lint"] == "branch protection, ruleset guard"
        assert table["main", "an approving review"] == "ruleset guard"

    def test_that_nothing_holds_is_a_difference_of_its_own(self, bench: Bench) -> None:
        bench.forge.add("guard", [STATUS, {"type": "deletion"}])
        assert differences(bench) == (
            "main: an approving review: nothing asks for it",
            "main: stale reviews dismissed: nothing asks for it",
            "main: code owners approve: nothing asks for it",
        )

    def test_is_asked_of_both_branches(self, bench: Bench) -> None:
        bench.forge.protection["main"] = CLASSIC
        found = differences(bench, develop="develop")
        assert {line.partition(":")[0] for line in found} == {"develop"}
        assert len(found) == 5

    def test_that_is_switched_off_is_not_made(self, bench: Bench) -> None:
        bench.forge.add("guard", [STATUS, {**PULL_REQUEST, "parameters": {"required_approving_review_count": 2}}])
        bench.forge.files = {}
        table = bench.table(verify, dismiss_stale_reviews=False, code_owners=False, admins=False)
        assert list(table) == [("main", "check lint"), ("main", "an approving review")]

    def test_for_a_review_is_not_held_by_a_count_of_none(self, bench: Bench) -> None:
        reviews = {**REVIEWS, "required_approving_review_count": 0}
        bench.forge.protection["main"] = {**CLASSIC, "required_pull_request_reviews": reviews}
        assert differences(bench) == ("main: an approving review: nothing asks for it",)

    def test_for_a_check_may_be_held_in_the_older_list(self, bench: Bench) -> None:
        bench.forge.protection["main"] = {**CLASSIC, "required_status_checks": {"contexts": ["lint"]}}
        assert bench.table(verify)["main", "check lint"] == "branch protection"

    def test_of_a_branch_that_is_both_main_and_develop_is_made_once(self, bench: Bench) -> None:
        bench.forge.protection["main"] = CLASSIC
        assert len(bench.table(verify, develop="main")) == 6


class TestAdministrators:
    def test_are_not_bound_by_branch_protection_that_excepts_them(self, bench: Bench) -> None:
        bench.forge.protection["main"] = {**CLASSIC, "enforce_admins": {"enabled": False}}
        assert differences(bench) == ("main: administrators bound: branch protection lets them past",)

    @pytest.mark.parametrize("kind", ["RepositoryRole", "OrganizationAdmin", "EnterpriseOwner"])
    @pytest.mark.parametrize("mode", ["always", "pull_request"])
    def test_are_not_bound_by_a_ruleset_with_a_bypass_for_their_role(
        self, bench: Bench, kind: str, mode: str
    ) -> None:
        bench.forge.add("guard", RULES, bypass_actors=[{"actor_type": kind, "actor_id": 5, "bypass_mode": mode}])
        assert differences(bench) == ("main: administrators bound: ruleset guard lets them past",)

    def test_are_bound_where_something_else_holds_the_same(self, bench: Bench) -> None:
        bench.forge.add("guard", RULES, bypass_actors=[{"actor_type": "OrganizationAdmin"}])
        bench.forge.protection["main"] = CLASSIC
        assert bench.table(verify)["main", "administrators bound"] == "branch protection"

    def test_are_not_known_to_be_bound_where_nobody_may_see_who_passes(self, bench: Bench) -> None:
        made = bench.forge.add("guard", RULES)
        del made["bypass_actors"]
        with pytest.raises(Refused) as raised:
            verify(bench.job())
        assert "administration: write" in raised.value.evidence[0]
        assert "GITHUB_TOKEN" in str(raised.value.hint)
        assert bench.heard.facts["unknown"] == "1"

    def test_are_bound_by_nothing_where_nothing_is_held(self, bench: Bench) -> None:
        assert "main: administrators bound: nothing binds anybody" in differences(bench)


class TestCodeOwners:
    @pytest.mark.parametrize(
        ("text", "is_good"),
        [
            ("* @acme/core\n", True),
            ("/docs/ ada@example.com # writes\n", True),
            ("", False),
            ("# * @acme/core\n", False),
            ("*.py\n", False),
            ("@acme/core\n", False),
        ],
    )
    def test_are_named_by_a_line_with_a_pattern_and_an_owner(
        self, bench: Bench, text: str, *, is_good: bool
    ) -> None:
        bench.forge.protection["main"] = CLASSIC
        bench.forge.files = {("main", "docs/CODEOWNERS"): text}
        if is_good:
            verify(bench.job())
            return
        assert differences(bench) == ("main: a file CODEOWNERS: docs/CODEOWNERS gives no path an owner",)

    def test_are_read_from_the_first_file_as_github_does(self, bench: Bench) -> None:
        bench.forge.protection["main"] = CLASSIC
        bench.forge.files = {("main", ".github/CODEOWNERS"): "", ("main", "CODEOWNERS"): "* @acme/core\n"}
        assert ".github/CODEOWNERS" in differences(bench)[0]

    def test_are_missing_where_there_is_no_file(self, bench: Bench) -> None:
        bench.forge.protection["main"] = CLASSIC
        bench.forge.files = {}
        with pytest.raises(LiveDiffers) as raised:
            verify(bench.job())
        assert "no CODEOWNERS" in raised.value.evidence[0]
        assert "commit what is missing" in str(raised.value.hint)

    def test_that_cannot_be_read_are_not_known_and_nothing_else_is_in_doubt(self, bench: Bench) -> None:
        bench.forge.protection["main"] = CLASSIC
        bench.forge.errors["file"] = Unavailable("GitHub did not answer")
        with pytest.raises(Refused) as raised:
            verify(bench.job())
        [line] = raised.value.evidence
        assert line.startswith("main: a file CODEOWNERS: GitHub did not answer")


class TestWhatCannotBeSeen:
    def test_is_not_known_where_nothing_else_holds_it(self, bench: Bench) -> None:
        bench.forge.errors["classic"] = NO_RIGHT
        bench.forge.add("guard", [STATUS])
        with pytest.raises(Refused) as raised:
            verify(bench.job())
        assert bench.rows()["main", "check lint"] == "ruleset guard"
        assert len(raised.value.evidence) == 3
        assert all("`administration: read`" in line for line in raised.value.evidence)

    def test_is_said_beside_what_differs(self, bench: Bench) -> None:
        bench.forge.errors["classic"] = NO_RIGHT
        bench.forge.files = {}
        found = differences(bench)
        assert "no CODEOWNERS" in found[0]
        assert found[1].endswith("(not known)")

    def test_may_be_the_rulesets(self, bench: Bench) -> None:
        bench.forge.errors["rules"] = Unavailable("GitHub did not answer")
        with pytest.raises(Refused) as raised:
            verify(bench.job())
        assert raised.value.hint == "remove what is named, then run the same command again"

    def test_for_want_of_a_right_asks_for_another_token(self, bench: Bench) -> None:
        bench.forge.errors["classic"] = NO_RIGHT
        with pytest.raises(Refused, match="did not let everything be seen") as raised:
            verify(bench.job())
        assert "a token with `administration: write`" in (raised.value.hint or "")

    @pytest.mark.parametrize(
        "document",
        [
            {"required_status_checks": []},
            {"enforce_admins": True},
            {"required_pull_request_reviews": {"required_approving_review_count": "many"}},
            {"restrictions": {"users": ["ada"]}},
        ],
    )
    def test_may_be_an_answer_of_another_shape(self, bench: Bench, document: dict[str, Any]) -> None:
        bench.forge.protection["main"] = document
        with pytest.raises(Refused) as raised:
            verify(bench.job())
        assert "another shape" in raised.value.evidence[0]

    @pytest.mark.parametrize(
        "parameters", [{"required_status_checks": 7}, {"required_approving_review_count": None}]
    )
    def test_may_be_a_rule_of_another_shape(self, bench: Bench, parameters: dict[str, Any]) -> None:
        bench.forge.add("guard", [{"type": "pull_request", "parameters": parameters}])
        with pytest.raises(Refused) as raised:
            verify(bench.job())
        assert "another shape" in raised.value.evidence[0]


class TestTheReleaseActor:
    def test_is_not_needed_and_then_releases_go_through_pull_requests(self, bench: Bench) -> None:
        bench.forge.protection["main"] = CLASSIC
        verify(bench.job())
        assert bench.heard.lines[-1].endswith("shipit release --pr")

    @pytest.mark.parametrize("mode", ["always", "exempt"])
    def test_passes_a_ruleset_that_says_so(self, bench: Bench, mode: str) -> None:
        bench.forge.add("guard", RULES, bypass_actors=[{**ALWAYS, "bypass_mode": mode}])
        assert bench.table(verify, release_actor=APP)["main", f"{APP} may push"] == "nothing stops it"
        assert not any("--pr" in line for line in bench.heard.lines)

    @pytest.mark.parametrize(
        "bypass", [[], [{**ALWAYS, "bypass_mode": "pull_request"}], [{**ALWAYS, "actor_id": 8}]]
    )
    def test_is_stopped_by_a_ruleset_that_does_not(self, bench: Bench, bypass: list[dict[str, Any]]) -> None:
        bench.forge.add("guard", RULES, bypass_actors=bypass)
        assert differences(bench, release_actor=APP) == (
            f"main: {APP} may push: ruleset guard has no bypass for it (mode always)",
        )

    def test_is_not_stopped_by_rules_that_let_a_push_through(self, bench: Bench) -> None:
        bench.forge.add("guard", RULES, bypass_actors=[ALWAYS])
        bench.forge.add("history", [{"type": "non_fast_forward"}, {"type": "deletion"}])
        verify(bench.job(release_actor=APP))
        assert bench.heard.facts["verified"] == "true"

    def test_is_stopped_by_checks_of_branch_protection_whoever_it_is(self, bench: Bench) -> None:
        party = {"users": [], "teams": [], "apps": [{"slug": "acme-release"}]}
        reviews = {**REVIEWS, "bypass_pull_request_allowances": party}
        bench.forge.protection["main"] = {
            **CLASSIC,
            "required_pull_request_reviews": reviews,
            "restrictions": party,
        }
        found = differences(bench, release_actor=APP)
        assert found == (
            f"main: {APP} may push: branch protection stops it: status checks bind everybody but administrators",
            "once the ruleset holds all that branch protection does, this lifts it:",
            "gh api --method DELETE repos/acme/widget/branches/main/protection/required_status_checks",
        )

    def test_is_told_everything_of_branch_protection_that_stops_it(self, bench: Bench) -> None:
        nobody: dict[str, Any] = {"users": [{"login": "bob"}], "teams": [{"slug": "core"}]}
        bench.forge.protection["main"] = {**CLASSIC, "restrictions": nobody, "lock_branch": ON}
        [line, *_] = differences(bench, release_actor="user:ada")
        assert line.endswith(
            "status checks bind everybody but administrators, it asks for a pull request, "
            "it is not among those who may push, the branch is locked"
        )

    @pytest.mark.parametrize(("actor", "stops"), [("team:core", False), ("user:Bob", False), ("user:ada", True)])
    def test_is_looked_for_by_its_name(self, bench: Bench, actor: str, *, stops: bool) -> None:
        bench.forge.actors["user", "Bob"] = 10
        party: dict[str, Any] = {"users": [{"login": "bob"}], "teams": [{"slug": "core"}], "apps": []}
        bench.forge.protection["main"] = {"restrictions": party}
        number = bench.forge.actors[tuple(actor.split(":"))]  # type: ignore[index]
        kind = {"team": "Team", "user": "User"}[actor.partition(":")[0]]
        bench.forge.add("guard", RULES, bypass_actors=[{"actor_type": kind, "actor_id": number}])
        if stops:
            assert "not among those who may push" in differences(bench, release_actor=actor)[0]
        else:
            verify(bench.job(release_actor=actor))
            assert bench.heard.facts["verified"] == "true"

    def test_that_nobody_finds_is_not_known_to_pass(self, bench: Bench) -> None:
        bench.forge.add("guard", RULES)
        with pytest.raises(Refused) as raised:
            verify(bench.job(release_actor="app:nobody"))
        assert "no app nobody" in raised.value.evidence[0]

    def test_is_not_known_to_pass_where_nobody_may_see_who_does(self, bench: Bench) -> None:
        made = bench.forge.add("guard", RULES)
        del made["bypass_actors"]
        with pytest.raises(Refused) as raised:
            verify(bench.job(release_actor=APP, admins=False))
        [line] = raised.value.evidence
        assert line.startswith(f"main: {APP} may push: ruleset guard: only a token")


def test_a_check_that_only_the_forge_requires_is_named_and_no_difference(bench: Bench) -> None:
    bench.forge.protection["main"] = {**CLASSIC, "required_status_checks": {"contexts": ["old", "lint", "a"]}}
    bench.forge.add("guard", [{**STATUS, "parameters": {"required_status_checks": [{"context": "gone"}]}}])
    verify(bench.job())
    said = [line for line in bench.heard.lines if "also requires" in line]
    assert said == [
        "ruleset guard of main also requires gone, which the configuration does not name",
        "branch protection of main also requires a, old, which the configuration does not name",
    ]


def test_a_configuration_that_requires_no_check_is_a_mistake(bench: Bench) -> None:
    with pytest.raises(UsageError, match="no check is required"):
        verify(bench.job(required_checks=()))


def test_names_from_outside_move_no_cursor_and_break_no_column(bench: Bench) -> None:
    bench.forge.add("gu\x1b[2J\nard", RULES)
    verify(bench.job())
    assert "ruleset gu ard" in "".join(bench.heard.lines)
    assert "\x1b" not in "".join(bench.heard.lines)
