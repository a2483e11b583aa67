"""Branch protection and rulesets on the stand-in, strictly by GitHub's description, and what --apply makes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipit.adapters.github.client import GitHubClient
from shipit.adapters.github.protection import BranchProtection
from shipit.adapters.http.limits import Limits, Patience
from shipit.config import Branches, Config, Protection
from shipit.errors import Denied, LiveDiffers, Refused, Stop, Unavailable
from shipit.output.reporter import Reporter
from shipit.project.protection import classic, command
from tests.support.github import GitHubServer
from tests.support.github_protection_routes import ACTIONS, SWITCHES
from tests.support.github_scene import DONE_ANYWAY, NOT_DONE, SENTINEL
from tests.support.github_state import Repository
from tests.support.misbehaviour import Kind

CHECKS = ("lint", "python-tests (3.11)")
OWNERS = "# who looks at what\n*  @acme/core\n"
APP = "app:acme-release"


class Heard:
    """A renderer that keeps what it is given."""

    listens = True

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.facts: dict[str, str] = {}

    def summary(self, text: str) -> None:
        self.lines.append(text)

    def outputs(self, facts: dict[str, str]) -> None:
        self.facts |= facts


@dataclass
class Place:
    server: GitHubServer
    repository: Repository
    forge: BranchProtection
    heard: Heard = field(default_factory=Heard)

    def job(self, *, develop: str | None = None, **options: Any) -> command.Job:
        config = Config(
            branches=Branches(develop=develop), protection=Protection(required_checks=CHECKS, **options)
        )
        return command.Job(forge=self.forge, config=config, reporter=Reporter(self.heard))  # type: ignore[arg-type]

    @property
    def writes(self) -> list[str]:
        return [one.method for one in self.server.writes()]

    def ruleset(self, name: str = "shipit") -> dict[str, Any]:
        (found,) = [one for one in self.repository.rulesets if one["name"] == name]
        return found

    def add(self, name: str, rules: list[dict[str, Any]], **more: Any) -> None:
        made = {
            "id": self.server.state.new_id(),
            "name": name,
            "target": "branch",
            "source_type": "Repository",
            "source": self.repository.name,
            "enforcement": "active",
            "bypass_actors": [],
            "conditions": {"ref_name": {"include": ["~ALL"], "exclude": []}},
            "rules": rules,
            **more,
        }
        self.repository.rulesets.append(made)


@pytest.fixture(scope="module")
def running() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        server.state.actors |= {("app", "acme-release"): 70001, ("team", "core"): 70002, ("user", "ada"): 70003}
        yield server


@pytest.fixture
def place(running: GitHubServer) -> Iterator[Place]:
    with connected(running, "admin", SENTINEL) as found:
        yield found


class connected:  # noqa: N801 - read as a function
    """A new repository on the server, and a client of it."""

    def __init__(self, server: GitHubServer, right: str, text: str | None = None) -> None:
        server.requests.clear()
        repository = server.add_repository("acme/widget")
        for branch in ("main", "develop"):
            repository.files[branch, ".github/CODEOWNERS"] = OWNERS
        limits, patience = Limits(seconds=2), Patience(connect=1, answer=1, tries=2)
        self.client = GitHubClient(
            server.api,
            "acme/widget",
            server.add_token(right, text=text),
            pause=lambda _seconds: None,
            limits=limits,
            patience=patience,
        )
        self.place = Place(server, repository, BranchProtection(self.client))

    def __enter__(self) -> Place:
        return self.place

    def __exit__(self, *_: object) -> None:
        self.client.http.close()


PARTY = {"users": ["ada", "bob"], "teams": ["core"], "apps": ["acme-release"]}
EVERYTHING: dict[str, Any] = {
    "required_status_checks": {
        "strict": True,
        "checks": [{"context": "old", "app_id": 57789}, {"context": "lint", "app_id": -1}],
    },
    "enforce_admins": False,
    "required_pull_request_reviews": {
        "dismiss_stale_reviews": False,
        "require_code_owner_reviews": True,
        "required_approving_review_count": 3,
        "require_last_push_approval": True,
        "dismissal_restrictions": PARTY,
        "bypass_pull_request_allowances": PARTY,
    },
    "restrictions": PARTY,
    **dict.fromkeys(SWITCHES, True),
}


class TestWhatIsSentBack:
    def test_every_optional_setting_stays(self, place: Place) -> None:
        place.forge.write_classic("main", EVERYTHING)
        before = place.forge.classic("main")
        assert before is not None
        assert classic.as_sent(before) == EVERYTHING
        place.forge.write_classic("main", classic.as_sent(before))
        assert place.forge.classic("main") == before

    @pytest.mark.parametrize("name", SWITCHES)
    def test_one_switch_stays_on_alone(self, place: Place, name: str) -> None:
        place.forge.write_classic("main", {**_least(), name: True})
        found = place.forge.classic("main")
        assert found is not None
        assert {one for one in SWITCHES if classic.as_sent(found)[one]} == {name}

    @settings(
        max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
    )
    @given(data=st.data())
    def test_whatever_is_set_get_put_get_is_the_same(self, place: Place, data: st.DataObject) -> None:
        place.forge.write_classic("main", data.draw(bodies()))
        before = place.forge.classic("main")
        assert before is not None
        place.forge.write_classic("main", classic.as_sent(before))
        assert place.forge.classic("main") == before

    @settings(
        max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
    )
    @given(data=st.data())
    def test_whatever_is_set_apply_only_adds_and_a_second_one_writes_nothing(
        self, place: Place, data: st.DataObject
    ) -> None:
        place.forge.write_classic("main", data.draw(bodies()))
        before = classic.as_sent(place.forge.classic("main") or {})
        command.apply(place.job())
        after = classic.as_sent(place.forge.classic("main") or {})
        ours = {"required_status_checks", "enforce_admins", "required_pull_request_reviews"}
        assert {name: after[name] for name in after.keys() - ours} == {
            name: before[name] for name in before.keys() - ours
        }
        checks = (before["required_status_checks"] or {"checks": []})["checks"]
        assert after["required_status_checks"]["checks"][: len(checks)] == checks
        written = len(place.writes)
        command.apply(place.job())
        assert len(place.writes) == written

    def test_signatures_have_an_operation_of_their_own_and_stay(self, place: Place) -> None:
        signatures = {"url": "http://stand-in.invalid/", "enabled": True}
        place.repository.protect("main", required_signatures=signatures)
        command.apply(place.job())
        assert place.repository.protection["main"]["required_signatures"] == signatures


def _least() -> dict[str, Any]:
    return {
        "required_status_checks": None,
        "enforce_admins": None,
        "required_pull_request_reviews": None,
        "restrictions": None,
    }


def bodies() -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of a PUT."""
    names = st.lists(st.sampled_from(["ada", "bob", "core", "x"]), max_size=2, unique=True)
    party = st.fixed_dictionaries({"users": names, "teams": names, "apps": names})
    checks = st.lists(
        st.fixed_dictionaries(
            {"context": st.sampled_from(["lint", "a", "b (3.11)"])},
            optional={"app_id": st.sampled_from([-1, ACTIONS, 57789])},
        ),
        max_size=3,
        unique_by=lambda one: str(one["context"]),
    )
    required = st.builds(
        lambda strict, told: {"strict": strict, "checks": told},
        st.booleans(),
        checks,
    )
    reviews = st.fixed_dictionaries(
        {},
        optional={
            "dismiss_stale_reviews": st.booleans(),
            "require_code_owner_reviews": st.booleans(),
            "required_approving_review_count": st.integers(0, 6),
            "require_last_push_approval": st.booleans(),
            "dismissal_restrictions": party,
            "bypass_pull_request_allowances": party,
        },
    )
    return st.fixed_dictionaries(
        {
            "required_status_checks": st.none() | required,
            "enforce_admins": st.none() | st.booleans(),
            "required_pull_request_reviews": st.none() | reviews,
            "restrictions": st.none() | party,
        },
        optional={name: st.booleans() for name in SWITCHES},
    )


class TestApply:
    def test_makes_one_ruleset_for_both_branches_where_nothing_protects_them(self, place: Place) -> None:
        command.apply(place.job(develop="develop", release_actor=APP))
        made = place.ruleset()
        assert made["conditions"]["ref_name"]["include"] == ["refs/heads/main", "refs/heads/develop"]
        assert made["bypass_actors"] == [{"actor_id": 70001, "actor_type": "Integration", "bypass_mode": "always"}]
        assert place.writes == ["POST"]
        assert place.heard.facts["verified"] == "true"

    def test_writes_nothing_a_second_time(self, place: Place) -> None:
        command.apply(place.job(release_actor=APP))
        command.apply(place.job(release_actor=APP))
        assert place.writes == ["POST"]

    def test_updates_branch_protection_where_it_stands_and_nobody_has_to_pass(self, place: Place) -> None:
        place.forge.write_classic("main", EVERYTHING)
        command.apply(place.job(develop="develop"))
        assert place.writes == ["PUT", "PUT", "POST"]
        sent = classic.as_sent(place.repository.protection["main"])
        assert sent["restrictions"] == PARTY
        assert sent["enforce_admins"] is True
        assert sent["required_status_checks"]["checks"] == [
            {"context": "old", "app_id": 57789},
            {"context": "lint", "app_id": -1},
            {"context": "python-tests (3.11)", "app_id": -1},
        ]
        assert place.ruleset()["conditions"]["ref_name"]["include"] == ["refs/heads/develop"]

    @pytest.mark.parametrize("actor", ["team:core", "user:ada"])
    def test_lets_a_team_or_a_user_past(self, place: Place, actor: str) -> None:
        command.apply(place.job(release_actor=actor))
        [bypass] = place.ruleset()["bypass_actors"]
        assert bypass["actor_type"].lower() == actor.partition(":")[0]

    def test_keeps_what_people_have_added_to_the_ruleset(self, place: Place) -> None:
        command.apply(place.job())
        made = place.ruleset()
        made["rules"] = [{"type": "deletion"}, *made["rules"][:1]]
        made["rules"][1]["parameters"] |= {
            "required_approving_review_count": 2,
            "allowed_merge_methods": ["squash"],
        }
        made["bypass_actors"] = [{"actor_id": 70002, "actor_type": "Team", "bypass_mode": "pull_request"}]
        made["enforcement"] = "disabled"
        command.apply(place.job(release_actor=APP))
        made = place.ruleset()
        assert [one["type"] for one in made["rules"]] == ["deletion", "pull_request", "required_status_checks"]
        assert made["rules"][1]["parameters"]["allowed_merge_methods"] == ["squash"]
        assert made["rules"][1]["parameters"]["required_approving_review_count"] == 2
        assert [one["actor_id"] for one in made["bypass_actors"]] == [70002, 70001]

    @pytest.mark.parametrize("kind", DONE_ANYWAY)
    @pytest.mark.parametrize("is_classic", [True, False])
    def test_a_lost_answer_is_looked_up_and_not_repeated(
        self, place: Place, kind: Kind, *, is_classic: bool
    ) -> None:
        if is_classic:
            place.repository.protect("main")
        place.server.misbehave("PUT" if is_classic else "POST", "/(protection|rulesets)$", kind)
        command.apply(place.job())
        assert len(place.writes) == 1
        assert place.heard.facts["verified"] == "true"

    @pytest.mark.parametrize("kind", NOT_DONE)
    def test_a_write_that_was_not_done_is_said_and_a_second_run_does_it(self, place: Place, kind: Kind) -> None:
        place.server.misbehave("POST", "/rulesets$", kind)
        with pytest.raises(Unavailable):
            command.apply(place.job())
        assert len(place.writes) == 1
        command.apply(place.job())
        assert place.heard.facts["verified"] == "true"

    def test_a_run_that_ends_between_two_writes_is_gone_on_with(self, place: Place) -> None:
        place.repository.protect("main")
        place.server.misbehave("POST", "/rulesets$", Kind.DROP_BEFORE)
        with pytest.raises(Unavailable):
            command.apply(place.job(develop="develop"))
        command.apply(place.job(develop="develop"))
        assert place.writes == ["PUT", "POST", "POST"]
        assert len(place.repository.rulesets) == 1

    def test_what_github_refuses_is_said_in_its_words(self, place: Place) -> None:
        place.server.misbehave("POST", "/rulesets$", Kind.INVALID)
        with pytest.raises(Denied, match="Validation Failed"):
            command.apply(place.job())

    def test_a_right_to_read_alone_is_named_when_something_is_written(self, place: Place) -> None:
        place.server.misbehave("POST", "/rulesets$", Kind.FORBIDDEN)
        with pytest.raises(Denied) as raised:
            command.apply(place.job())
        assert "`administration: write`" in str(raised.value.hint)

    def test_a_token_is_in_nothing_that_is_said(self, place: Place) -> None:
        place.server.misbehave("POST", "/rulesets$", Kind.ECHO)
        with pytest.raises(Denied) as raised:
            command.apply(place.job())
        assert SENTINEL not in str(raised.value.evidence) + raised.value.what


CONDITIONS = [
    (["~DEFAULT_BRANCH"], [], True),
    (["~ALL"], [], True),
    (["refs/heads/main"], [], True),
    (["refs/heads/m*"], [], True),
    (["refs/heads/**/*"], [], True),
    (["refs/heads/?ain"], [], True),
    (["refs/*"], [], False),
    (["refs/heads/develop"], [], False),
    (["~ALL"], ["refs/heads/main"], False),
    (["~ALL"], ["~DEFAULT_BRANCH"], False),
    ([], [], False),
]
HOLDS_ALL: list[dict[str, Any]] = [
    {
        "type": "pull_request",
        "parameters": {
            "dismiss_stale_reviews_on_push": True,
            "require_code_owner_review": True,
            "require_last_push_approval": False,
            "required_approving_review_count": 1,
            "required_review_thread_resolution": False,
        },
    },
    {
        "type": "required_status_checks",
        "parameters": {
            "strict_required_status_checks_policy": False,
            "required_status_checks": [{"context": name, "integration_id": ACTIONS} for name in CHECKS],
        },
    },
]


class TestVerify:
    @pytest.mark.parametrize(("include", "exclude", "holds"), CONDITIONS)
    def test_a_ruleset_counts_where_github_says_that_it_holds(
        self, place: Place, include: list[str], exclude: list[str], *, holds: bool
    ) -> None:
        conditions = {"ref_name": {"include": include, "exclude": exclude}}
        place.add("guard", HOLDS_ALL, conditions=conditions)
        assert ends(lambda: command.verify(place.job())) is (None if holds else LiveDiffers)

    @pytest.mark.parametrize("more", [{"enforcement": "evaluate"}, {"enforcement": "disabled"}, {"target": "tag"}])
    def test_a_ruleset_that_is_not_in_force_for_branches_holds_nothing(
        self, place: Place, more: dict[str, str]
    ) -> None:
        place.add("guard", HOLDS_ALL, **more)
        assert ends(lambda: command.verify(place.job())) is LiveDiffers

    def test_a_ruleset_of_the_organisation_counts(self, place: Place) -> None:
        conditions = {
            "ref_name": {"include": ["~ALL"], "exclude": []},
            "repository_name": {"include": ["~ALL"], "exclude": [], "protected": False},
        }
        place.add("everywhere", HOLDS_ALL, source_type="Organization", source="acme", conditions=conditions)
        command.verify(place.job())
        assert any("ruleset everywhere" in line for line in place.heard.lines)

    def test_only_writes_to_nothing(self, place: Place) -> None:
        assert ends(lambda: command.verify(place.job(develop="develop"))) is LiveDiffers
        assert place.writes == []

    @pytest.mark.parametrize("path", [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"])
    def test_owners_are_found_where_github_looks_for_them(self, place: Place, path: str) -> None:
        place.add("guard", HOLDS_ALL)
        place.repository.files = {("main", path): OWNERS}
        command.verify(place.job())
        assert place.heard.facts["verified"] == "true"


class TestATokenThatIsNoAdministrators:
    def test_sees_that_there_is_no_branch_protection_but_not_who_passes_a_ruleset(
        self, running: GitHubServer
    ) -> None:
        with connected(running, "write") as place:
            place.add("guard", HOLDS_ALL)
            with pytest.raises(Refused) as raised:
                command.verify(place.job())
        [line] = raised.value.evidence
        assert line.startswith(
            "main: administrators bound: ruleset guard: only a token with `administration: write`"
        )
        assert "GITHUB_TOKEN" in str(raised.value.hint)

    @pytest.mark.parametrize("kind", [Kind.FORBIDDEN, Kind.NOT_FOUND])
    def test_learns_which_permission_it_lacks(self, running: GitHubServer, kind: Kind) -> None:
        with connected(running, "write") as place:
            place.repository.protect("main")
            place.server.misbehave("GET", "/protection$", kind)
            with pytest.raises(Refused) as raised:
                command.verify(place.job())
        assert "`administration: read`" in raised.value.evidence[0]

    def test_writes_nothing(self, running: GitHubServer) -> None:
        with connected(running, "write") as place:
            place.repository.protect("main")
            assert ends(lambda: command.apply(place.job())) is Refused
            assert place.writes == []

    def test_may_not_write_a_ruleset(self, running: GitHubServer) -> None:
        with connected(running, "write") as place, pytest.raises(Denied) as raised:
            command.apply(place.job(code_owners=False))
        assert "`administration: write`" in str(raised.value.hint)


class TestTheAdapter:
    def test_says_what_github_says_of_a_plan_that_has_no_protection(self, place: Place) -> None:
        place.repository.has_protection = False
        with pytest.raises(Refused) as raised:
            command.apply(place.job())
        assert "Upgrade to GitHub Pro" in raised.value.evidence[0]
        assert "another plan" in raised.value.evidence[0]
        assert place.writes == []

    def test_keeps_the_hint_of_another_refusal(self, place: Place) -> None:
        place.server.misbehave("GET", "/protection$", Kind.UNAUTHORIZED)
        with pytest.raises(Denied, match="Bad credentials") as raised:
            place.forge.classic("main")
        assert "administration" not in str(raised.value.hint)

    def test_an_actor_that_nobody_sees_is_named(self, place: Place) -> None:
        with pytest.raises(Denied, match="no app nobody") as raised:
            place.forge.actor("app", "nobody")
        assert "release-actor" in str(raised.value.hint)

    def test_a_slash_in_a_branch_is_no_other_path(self, place: Place) -> None:
        place.repository.protect("release/1.x")
        assert place.forge.classic("release/1.x") is not None

    @pytest.mark.parametrize("more", [{}, {"contexts": ["lint"], "checks": []}])
    def test_of_two_lists_of_checks_github_takes_one(self, place: Place, more: dict[str, Any]) -> None:
        body = {**_least(), "required_status_checks": {"strict": True, **more}}
        with pytest.raises(Denied, match="Invalid request"):
            place.forge.write_classic("main", body)

    def test_a_personal_repository_has_no_restrictions(self, place: Place) -> None:
        place.repository.is_personal = True
        with pytest.raises(Denied, match="Only organization repositories"):
            place.forge.write_classic("main", EVERYTHING)

    @pytest.mark.parametrize("answer", [[], 7, None, {}])
    def test_an_answer_of_another_shape_is_an_ordinary_error(
        self, place: Place, answer: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(place.forge.client, "get", lambda *_, **__: answer)
        monkeypatch.setattr(place.forge.client, "find", lambda *_, **__: answer if answer is not None else 7)
        with pytest.raises(Unavailable):
            place.forge.actor("app", "acme-release")
        with pytest.raises(Unavailable):
            place.forge.file("main", "CODEOWNERS")

    @pytest.mark.parametrize("answer", [7, None, "x", [1], {"id": "7"}])
    def test_nothing_that_is_decoded_makes_it_crash(
        self, place: Place, answer: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.repository.protect("main")
        monkeypatch.setattr(place.forge.client.http, "decoded", lambda _answer: answer)
        if not isinstance(answer, dict):
            with pytest.raises(Unavailable):
                place.forge.classic("main")
        with pytest.raises(Unavailable):
            place.forge.rules("main")
        with pytest.raises(Unavailable):
            place.forge.own_ruleset("shipit")
        assert ends(lambda: command.apply(place.job())) is Refused

    @pytest.mark.parametrize(
        "answer",
        [{"encoding": "none", "content": ""}, {"encoding": "base64"}, {"encoding": "base64", "content": 7}],
    )
    def test_a_file_that_comes_without_its_text_is_not_taken_for_empty(
        self, place: Place, answer: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(place.forge.client, "find", lambda *_, **__: answer)
        with pytest.raises(Unavailable, match="the text of CODEOWNERS"):
            place.forge.file("main", "CODEOWNERS")


def ends(run: Callable[[], None]) -> type[Stop] | None:
    try:
        run()
    except Stop as stop:
        return type(stop)
    return None
