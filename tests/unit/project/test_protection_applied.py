"""shipit verify protection --apply: what is written, what is kept, and what is left to people."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipit.config import Protection
from shipit.errors import LiveDiffers, Refused, Unavailable
from shipit.output.reporter import Declined
from shipit.project.protection import classic, own
from shipit.project.protection.actor import Actor
from shipit.project.protection.command import apply, verify
from tests.unit.project.conftest import Bench
from tests.unit.project.test_protection import ALWAYS, APP, CHECKS, CLASSIC, NO_RIGHT, ON, REVIEWS, RULES, STATUS

REVIEW_KEYS = ("required_approving_review_count", "dismiss_stale_reviews_on_push", "require_code_owner_review")


def rulesets() -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of a ruleset that people have worked on."""
    contexts = st.lists(st.sampled_from(["lint", "old"]), unique=True).map(
        lambda names: [{"context": name, "integration_id": 15368} for name in names]
    )
    pull_request = st.fixed_dictionaries(
        {}, optional={REVIEW_KEYS[0]: st.integers(0, 10), REVIEW_KEYS[1]: st.booleans(), "future": st.just([1])}
    )
    checks = st.fixed_dictionaries({"required_status_checks": contexts, "strict": st.booleans()})
    rules = st.lists(
        st.one_of(
            pull_request.map(lambda told: {"type": "pull_request", "parameters": told}),
            checks.map(lambda told: {"type": "required_status_checks", "parameters": told}),
            st.just({"type": "deletion"}),
        ),
        max_size=3,
        unique_by=lambda one: str(one["type"]),
    )
    bypass = st.lists(
        st.sampled_from(
            [
                {"actor_type": "Team", "actor_id": 8, "bypass_mode": "pull_request"},
                {"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "always"},
                {"actor_type": "Integration", "actor_id": 7, "bypass_mode": "pull_request"},
            ]
        ),
        unique_by=str,
    )
    return st.fixed_dictionaries({"rules": rules, "bypass_actors": bypass})


class TestARuleset:
    def test_is_made_where_nothing_protects(self, bench: Bench) -> None:
        apply(bench.job(develop="develop"))
        [(_, body)] = bench.forge.writes
        assert body["name"] == "shipit"
        assert body["enforcement"] == "active"
        assert body["bypass_actors"] == []
        assert body["conditions"] == {
            "ref_name": {"include": ["refs/heads/main", "refs/heads/develop"], "exclude": []}
        }
        assert "+ rules.required_status_checks.required_status_checks: " in "".join(bench.heard.lines)
        assert "written: ruleset shipit (new)" in bench.heard.lines

    def test_is_shown_before_a_person_is_asked(self, bench: Bench) -> None:
        asked: list[list[str]] = []

        def ask(question: str) -> bool:
            asked.append([*bench.heard.lines, question])
            return True

        apply(bench.job(ask=ask))
        [lines] = asked
        assert lines[0] == "ruleset shipit (new):"
        assert "  + rules: pull_request" in lines
        assert lines[-1] == "Write this to acme/widget?"

    def test_is_not_written_if_the_answer_is_no(self, bench: Bench) -> None:
        with pytest.raises(Declined):
            apply(bench.job(ask=lambda _: False))
        assert bench.forge.writes == []

    def test_is_not_written_where_all_is_held(self, bench: Bench) -> None:
        bench.forge.add("guard", RULES)
        apply(bench.job(ask=lambda _: False))
        assert bench.forge.writes == []
        assert bench.heard.lines[0].startswith("nothing to write")

    def test_lets_the_release_actor_past(self, bench: Bench) -> None:
        apply(bench.job(release_actor=APP))
        apply(bench.job(release_actor=APP))
        [(_, body)] = bench.forge.writes
        assert body["bypass_actors"] == [ALWAYS]

    def test_that_lets_it_past_on_pull_requests_alone_is_changed(self, bench: Bench) -> None:
        bench.forge.add("shipit", RULES, bypass_actors=[{**ALWAYS, "bypass_mode": "pull_request"}])
        apply(bench.job(release_actor=APP))
        assert bench.forge.rulesets[0]["bypass_actors"] == [ALWAYS]
        assert any(line.startswith("  - bypass_actors: ") for line in bench.heard.lines)

    def test_that_exempts_it_stays_so(self, bench: Bench) -> None:
        exempt = [{**ALWAYS, "bypass_mode": "exempt"}]
        bench.forge.add("shipit", [STATUS], bypass_actors=exempt)
        apply(bench.job(release_actor=APP))
        assert bench.forge.rulesets[0]["bypass_actors"] == exempt

    def test_loses_the_bypass_of_a_role_where_administrators_are_to_be_bound(self, bench: Bench) -> None:
        team = {"actor_type": "Team", "actor_id": 8, "bypass_mode": "always"}
        role = {"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "always"}
        bench.forge.add("shipit", RULES, bypass_actors=[role, team])
        apply(bench.job())
        assert bench.forge.rulesets[0]["bypass_actors"] == [team]

    def test_keeps_its_patterns_and_gains_a_branch_that_was_excluded(self, bench: Bench) -> None:
        ref_name = {"include": ["refs/heads/v*", "refs/heads/main"], "exclude": ["refs/heads/main", "refs/heads/x"]}
        bench.forge.add("shipit", RULES, conditions={"ref_name": ref_name})
        apply(bench.job())
        assert bench.forge.rulesets[0]["conditions"]["ref_name"] == {
            "include": ["refs/heads/v*", "refs/heads/main"],
            "exclude": ["refs/heads/x"],
        }

    def test_without_conditions_gains_them(self, bench: Bench) -> None:
        made = bench.forge.add("shipit", RULES, enforcement="disabled")
        made["conditions"] = None
        apply(bench.job())
        assert made["conditions"]["ref_name"]["include"] == ["refs/heads/main"]

    def test_whose_answer_is_lost_is_looked_up(self, bench: Bench) -> None:
        bench.forge.loses = "after"
        apply(bench.job())
        assert len(bench.forge.writes) == 1

    def test_that_was_not_written_is_said(self, bench: Bench) -> None:
        bench.forge.loses = "before"
        with pytest.raises(Unavailable):
            apply(bench.job())
        assert bench.forge.rulesets == []

    def test_whose_bypass_list_is_not_shown_is_not_overwritten(self, bench: Bench) -> None:
        made = bench.forge.add("shipit", RULES, enforcement="disabled")
        del made["bypass_actors"]
        with pytest.raises(Refused, match="not shown to this token"):
            apply(bench.job())
        assert bench.forge.writes == []

    @pytest.mark.parametrize(
        "more",
        [
            {"rules": [{"parameters": {}}]},
            {"rules": [{"type": "pull_request", "parameters": {"required_approving_review_count": None}}]},
            {"conditions": {"ref_name": {"include": "refs/heads/main"}}},
            {"conditions": []},
            {"bypass_actors": [{"actor_id": 1}]},
        ],
    )
    def test_of_another_shape_is_not_overwritten(self, bench: Bench, more: dict[str, Any]) -> None:
        bench.forge.add("shipit", RULES, enforcement="disabled")
        bench.forge.rulesets[0].update(more)
        with pytest.raises(Unavailable, match="another shape"):
            apply(bench.job())
        assert bench.forge.writes == []

    @settings(max_examples=60, deadline=None, database=None)
    @given(found=rulesets(), actor=st.booleans())
    def test_only_gains_what_is_wanted_and_is_then_left_alone(self, found: dict[str, Any], *, actor: bool) -> None:
        options = Protection(required_checks=("lint", "types"))
        who = Actor(kind="app", name="acme-release", number=7) if actor else None
        after = own.wanted(found, ["main"], options, who)
        assert own.wanted(after, ["main"], options, who) == after
        assert [one["type"] for one in after["rules"]][: len(found["rules"])] == [
            one["type"] for one in found["rules"]
        ]
        for old, new in zip(found["rules"], after["rules"], strict=False):
            parameters = old.get("parameters", {})
            raised = {"required_status_checks", *REVIEW_KEYS}
            assert {key: new["parameters"][key] for key in parameters.keys() - raised} == {
                key: parameters[key] for key in parameters.keys() - raised
            }
        kept = [one for one in found["bypass_actors"] if one["actor_type"] == "Team"]
        assert [one for one in after["bypass_actors"] if one["actor_type"] == "Team"] == kept


class TestBranchProtection:
    def test_is_updated_where_it_stands_and_everything_else_is_kept(self, bench: Bench) -> None:
        bench.forge.protection["main"] = {
            "allow_deletions": ON,
            "required_status_checks": {**CHECKS, "contexts": ["lint", "old"], "strict": True},
        }
        apply(bench.job(required_checks=("lint", "types")))
        [(branch, body)] = bench.forge.writes
        assert branch == "main"
        assert body == {
            "enforce_admins": True,
            "allow_deletions": True,
            "restrictions": None,
            "required_status_checks": {
                "strict": True,
                "checks": [
                    {"context": "lint", "app_id": 15368},
                    {"context": "old", "app_id": -1},
                    {"context": "types", "app_id": -1},
                ],
            },
            "required_pull_request_reviews": {
                "dismiss_stale_reviews": True,
                "require_code_owner_reviews": True,
                "required_approving_review_count": 1,
            },
        }
        assert "  - enforce_admins: false" in bench.heard.lines
        assert "  + enforce_admins: true" in bench.heard.lines

    def test_is_not_written_where_all_is_held(self, bench: Bench) -> None:
        bench.forge.protection["main"] = CLASSIC
        apply(bench.job())
        assert bench.forge.writes == []

    def test_is_stricter_than_asked_and_stays_so(self, bench: Bench) -> None:
        reviews = {**REVIEWS, "required_approving_review_count": 3}
        bench.forge.protection["main"] = {"enforce_admins": ON, "required_pull_request_reviews": reviews}
        apply(bench.job(dismiss_stale_reviews=False, code_owners=False, admins=False))
        assert bench.forge.writes[0][1]["required_pull_request_reviews"] == reviews
        assert bench.forge.writes[0][1]["enforce_admins"] is True

    def test_is_left_alone_where_a_release_actor_must_pass_and_the_ruleset_holds_the_same(
        self, bench: Bench
    ) -> None:
        bench.forge.protection["main"] = CLASSIC
        for _ in range(2):
            with pytest.raises(LiveDiffers) as raised:
                apply(bench.job(release_actor=APP))
        assert [where for where, _ in bench.forge.writes] == ["ruleset"]
        assert "DELETE repos/acme/widget/branches/main/protection/required_pull_request_reviews" in "".join(
            raised.value.evidence
        )
        assert "administrator" in str(raised.value.hint)
        del bench.forge.protection["main"]  # a person has done it
        verify(bench.job(release_actor=APP))
        assert bench.heard.facts["verified"] == "true"

    def test_before_the_ruleset_stands_the_hint_is_to_write_it(self, bench: Bench) -> None:
        bench.forge.protection["main"] = CLASSIC
        with pytest.raises(LiveDiffers) as raised:
            verify(bench.job(release_actor=APP))
        assert raised.value.hint == "shipit verify protection --apply"

    def test_whose_answer_is_lost_is_looked_up(self, bench: Bench) -> None:
        bench.forge.protection["main"] = {}
        bench.forge.loses = "after"
        apply(bench.job())
        assert len(bench.forge.writes) == 1


class TestWhatIsLeftToPeople:
    def test_a_ruleset_of_others_that_stops_the_release_actor(self, bench: Bench) -> None:
        bench.forge.add("guard", RULES)
        with pytest.raises(LiveDiffers) as raised:
            apply(bench.job(release_actor=APP))
        assert bench.forge.writes == []
        assert "forge's page" in str(raised.value.hint)

    def test_a_ruleset_of_the_organisation_that_has_our_name(self, bench: Bench) -> None:
        bench.forge.add("shipit", RULES, source_type="Organization")
        with pytest.raises(LiveDiffers):
            apply(bench.job(release_actor=APP))
        assert bench.forge.writes == []

    def test_a_file_that_is_missing(self, bench: Bench) -> None:
        bench.forge.files = {}
        with pytest.raises(LiveDiffers) as raised:
            apply(bench.job())
        assert raised.value.evidence == (
            "main: a file CODEOWNERS: no CODEOWNERS in .github/, the top or docs/ of main",
        )

    def test_what_cannot_be_seen_is_not_overwritten(self, bench: Bench) -> None:
        bench.forge.errors["classic"] = NO_RIGHT
        with pytest.raises(Refused, match="nothing was written"):
            apply(bench.job())
        assert bench.forge.writes == []

    def test_a_file_that_cannot_be_read_stops_no_rule_from_being_written(self, bench: Bench) -> None:
        bench.forge.errors["file"] = Unavailable("GitHub did not answer")
        with pytest.raises(Refused):
            apply(bench.job())
        assert len(bench.forge.writes) == 1

    def test_an_actor_that_nobody_finds(self, bench: Bench) -> None:
        with pytest.raises(Refused, match="nothing was written"):
            apply(bench.job(release_actor="app:nobody"))
        assert bench.forge.writes == []

    def test_an_actor_that_nobody_finds_and_branch_protection_stops(self, bench: Bench) -> None:
        bench.forge.protection["main"] = CLASSIC
        with pytest.raises(Refused, match="the release actor was not found") as raised:
            apply(bench.job(release_actor="app:nobody"))
        assert "no app nobody" in raised.value.evidence[0]
        assert bench.forge.writes == []


class TestASettingThatIsNotKnown:
    def test_that_is_a_switch_goes_back_as_one(self) -> None:
        assert classic.as_sent({"new_switch": ON})["new_switch"] is True

    def test_is_not_the_address_or_the_number_of_those_who_may_push(self) -> None:
        found = {"users": [{"login": "ada", "id": 9}], "teams": [{"slug": "core"}], "users_url": "https://x"}
        assert classic.as_sent({"restrictions": found})["restrictions"] == {
            "users": ["ada"],
            "teams": ["core"],
            "apps": [],
        }

    def test_that_is_null_was_not_set(self) -> None:
        sent = classic.as_sent({"required_status_checks": None, "required_pull_request_reviews": None})
        assert sent["required_status_checks"] is None

    @pytest.mark.parametrize(
        ("document", "name"),
        [
            ({"new_rule": {"enabled": True, "least": 2}}, "new_rule"),
            ({"new_rule": [1]}, "new_rule"),
            ({"required_status_checks": {**CHECKS, "grace": 5}}, "required_status_checks.grace"),
            ({"required_pull_request_reviews": {"quorum": 2}}, "required_pull_request_reviews.quorum"),
            ({"restrictions": {"roles": ["x"]}}, "restrictions.roles"),
        ],
    )
    def test_of_another_kind_would_be_lost_so_that_nothing_is_written(
        self, bench: Bench, document: dict[str, Any], name: str
    ) -> None:
        bench.forge.protection["main"] = document
        with pytest.raises(Refused, match="cannot send back") as raised:
            apply(bench.job())
        assert name in raised.value.what
        assert bench.forge.writes == []


@pytest.mark.parametrize("odd", [{"required_status_checks": {"checks": [[]]}}, {"restrictions": []}])
def test_branch_protection_of_another_shape_is_no_answer_to_whether_it_was_written(odd: dict[str, Any]) -> None:
    with pytest.raises(Unavailable, match="another shape"):
        classic.as_sent(odd)
