"""The target on Vercel keeps the promises of the port, and all that it asks is as Vercel describes it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from shipit.adapters.vercel import client as vercel_client
from shipit.adapters.vercel import deployments
from shipit.adapters.vercel.client import VercelClient
from shipit.adapters.vercel.target import VercelTarget
from shipit.errors import Denied, ExternalError, Unavailable, UsageError
from shipit.model import Candidate, Revision
from tests.contract.vercel.slice import OPERATIONS
from tests.support import vercel_shapes
from tests.support.misbehaviour import Kind
from tests.support.served import ONE, THREE, TWO, silent
from tests.support.vercel import DEPARTURES, SLICE, VercelServer
from tests.support.vercel_state import DOMAINS


class Hurry:
    """A clock on which nobody waits."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def server() -> Iterator[VercelServer]:
    with VercelServer() as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "site"
    (made / "assets").mkdir(parents=True)
    (made / "index.html").write_text("hello")
    (made / "assets" / "style.css").write_text("body {}")
    return made


Make = Callable[..., VercelTarget]


@pytest.fixture
def make(server: VercelServer, folder: Path) -> Iterator[Make]:
    clients: list[VercelClient] = []

    def made(deployed: Revision = ONE, **more: Any) -> VercelTarget:
        clock: Any = Hurry()
        clients.append(VercelClient(server.api, server.state.token, "acme", pause=clock.sleep))
        return VercelTarget(
            **{
                "name": "web",
                "environment": "production",
                "project": "acme-production",
                "keep": 1,
                "limit": 10,
                "run": "run-1",
                "deployed": deployed,
                "source": lambda: folder,
                "connect": lambda client=clients[-1]: client,
                "clock": clock,
                **more,
            }
        )

    yield made
    for one in clients:
        one.close()


def deploy(make: Make, *revisions: Revision) -> VercelTarget:
    for revision in revisions:
        target = make(revision)
        target.start(revision, silent)
        target.switch(revision.reference, silent)
    return target


class TestPort:
    def test_nothing_is_live_at_first(self, make: Make) -> None:
        target = make()
        assert (target.live(), target.problems(), target.candidate(ONE), target.keeps(ONE)) == (
            None,
            (),
            None,
            False,
        )
        assert (target.kind, target.name, target.may_leave(None)) == ("vercel", "web", False)

    def test_what_is_started_is_a_candidate_and_not_live(self, make: Make, server: VercelServer) -> None:
        target = make()
        target.start(ONE, silent)
        assert (target.candidate(ONE), target.live()) == (Candidate(ONE.reference), None)
        assert server.state.alive[0].substate == "STAGED"

    def test_starting_twice_makes_one(self, make: Make, server: VercelServer) -> None:
        make().start(ONE, silent)
        make().start(ONE, silent)
        assert len(server.state.deployments) == 1

    def test_one_that_is_still_built_is_waited_for(self, make: Make, server: VercelServer) -> None:
        server.state.builds = ["BUILDING", "BUILDING", "READY"]
        said: list[str] = []
        make().start(ONE, said.append)
        assert [line for line in said if "BUILDING" in line] == [f"{server.state.alive[0].id} is BUILDING"]

    def test_traffic_goes_to_what_was_switched_to_and_back(self, make: Make) -> None:
        target = deploy(make, ONE, TWO)
        assert (target.live(), target.candidate(ONE)) == (TWO.reference, Candidate(ONE.reference))
        target.switch(TWO.reference, silent)
        target.switch(ONE.reference, silent)
        assert target.live() == ONE.reference

    def test_it_never_goes_back_to_nothing(self, make: Make) -> None:
        target = deploy(make, ONE)
        with pytest.raises(ExternalError, match="cannot go back to nothing"):
            target.switch(None, silent)
        assert target.live() == ONE.reference

    @pytest.mark.parametrize("reference", ["9.9.9-999999999999", "../versions", "", "dpl_unknown"])
    def test_an_unknown_reference_is_an_error(self, make: Make, reference: str) -> None:
        target = deploy(make, ONE)
        with pytest.raises(ExternalError, match="nothing is kept"):
            target.switch(reference, silent)

    def test_what_is_stopped_is_gone_and_what_is_live_stays(self, make: Make) -> None:
        target = deploy(make, ONE)
        target.start(TWO, silent)
        for reference in (TWO.reference, ONE.reference, "9.9.9-999999999999"):
            target.stop(reference, silent)
        assert (target.keeps(TWO), target.keeps(ONE), target.live()) == (False, True, ONE.reference)

    def test_another_commit_or_environment_is_another_candidate(self, make: Make) -> None:
        make().start(ONE, silent)
        assert make().candidate(Revision(ONE.version, "4" * 40)) is None
        assert make().candidate(Revision(ONE.version, ONE.commit[:12] + "4" * 28)) is None
        assert make(environment="staging").candidate(ONE) is None

    def test_the_oldest_go_but_not_what_is_needed_or_has_a_name(self, make: Make, server: VercelServer) -> None:
        target = deploy(make, ONE, TWO, THREE)
        target.prune([ONE.reference], silent)
        assert all(target.keeps(one) for one in (ONE, TWO, THREE))
        oldest = server.state.alive[0].id
        server.state.leads_to["old.acme.example"] = oldest
        target.prune([], silent)
        assert target.keeps(ONE)
        del server.state.leads_to["old.acme.example"]
        target.prune([], silent)
        assert [target.keeps(one) for one in (ONE, TWO, THREE)] == [False, True, True]


class TestProduction:
    def test_while_domains_lead_to_two_the_one_before_is_live(self, make: Make, server: VercelServer) -> None:
        target = deploy(make, ONE)
        target = make(TWO)
        target.start(TWO, silent)
        server.state.leads_to[DOMAINS[0]] = server.state.alive[1].id
        assert (target.live(), target.may_leave(ONE.reference)) == (ONE.reference, True)

    def test_while_traffic_moves_slowly_the_one_before_is_live(self, make: Make, server: VercelServer) -> None:
        deploy(make, ONE)
        server.state.rolls = True
        target = make(TWO)
        target.start(TWO, silent)
        with pytest.raises(ExternalError, match="did not come live within 10 s") as caught:
            target.switch(TWO.reference, silent)
        assert "a rolling release gives" in caught.value.evidence[0]
        assert (target.live(), target.may_leave(ONE.reference)) == (ONE.reference, True)
        server.state.complete()
        assert (target.live(), target.may_leave(TWO.reference)) == (TWO.reference, False)

    def test_a_promotion_under_way_is_joined(self, make: Make, server: VercelServer) -> None:
        target = make()
        target.start(ONE, silent)
        server.state.switch_waits = 6
        server.state.ask_for("promote", server.state.alive[0])
        assert target.may_leave(None)
        target.switch(ONE.reference, silent)
        assert (target.live(), server.asked("POST", "/promote/")) == (ONE.reference, [])

    def test_another_promotion_under_way_is_a_refusal(self, make: Make, server: VercelServer) -> None:
        deploy(make, ONE)
        target = make(TWO)
        target.start(TWO, silent)
        server.state.switch_waits = 100
        server.state.ask_for("promote", server.state.alive[0])
        with pytest.raises(Denied, match="Another promotion or rollback is in progress"):
            target.switch(TWO.reference, silent)

    def test_where_the_plan_has_no_rollback_it_promotes(self, make: Make, server: VercelServer) -> None:
        target = deploy(make, ONE, TWO)
        server.state.may_roll_back = False
        target.switch(ONE.reference, silent)
        assert (target.live(), server.state.is_pinned) == (ONE.reference, False)

    def test_a_project_that_is_not_there_is_a_problem(self, make: Make) -> None:
        (problem,) = make(project="another").problems()
        assert "Project not found" in problem.what
        assert "check `project` and `team`" in problem.hint


class TestFailures:
    def test_a_build_without_end_is_given_up(
        self, make: Make, server: VercelServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deployments, "LONGEST_BUILD", 20)
        server.state.builds = ["BUILDING"]
        with pytest.raises(ExternalError, match="not ready within 20 s"):
            make().start(ONE, silent)

    def test_one_that_somebody_deletes_meanwhile_is_named(self, make: Make, server: VercelServer) -> None:
        server.misbehave("GET", "/v13/deployments/dpl_", Kind.NOT_FOUND)
        with pytest.raises(ExternalError, match="was deleted while it was waited for"):
            make().start(ONE, silent)

    @pytest.mark.parametrize("what", ["empty", "link", "name"])
    def test_what_cannot_be_uploaded_is_named(
        self, make: Make, server: VercelServer, folder: Path, tmp_path: Path, what: str
    ) -> None:
        match what:
            case "empty":
                folder = tmp_path / "empty"
                folder.mkdir()
            case "link":
                (folder / "link").symlink_to(tmp_path)
            case _:
                (folder / "line\nend").write_text("x")
        with pytest.raises(ExternalError, match=r"no files|cannot be uploaded"):
            make(source=lambda: folder).start(ONE, silent)
        assert server.state.deployments == {}

    def test_uploads_that_are_never_kept_come_to_an_end(
        self, make: Make, server: VercelServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(server.state, "missing", lambda files: [one["sha"] for one in files])
        with pytest.raises(ExternalError, match="goes on to lack files"):
            make().start(ONE, silent)

    def test_an_upload_that_fails_again_and_again_is_given_up(self, make: Make, server: VercelServer) -> None:
        server.misbehave("POST", "/v2/files", Kind.ERROR_BEFORE, times=8)
        with pytest.raises(Unavailable, match="is failing"):
            make().start(ONE, silent)
        server.misbehave("POST", "/v2/files", Kind.TOO_MANY, times=100)
        with pytest.raises(Unavailable, match="rate-limiting"):
            make().start(ONE, silent)
        server.unordered()

    def test_a_list_without_end_is_given_up(
        self, make: Make, server: VercelServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vercel_client, "MOST_PAGES", 2)
        monkeypatch.setattr(vercel_client, "_PAGE_SIZE", 1)
        deploy(make, ONE, TWO, THREE)
        with pytest.raises(Unavailable, match="has no end"):
            make().prune([], silent)

    def test_a_token_that_is_none_is_a_mistake(self) -> None:
        with pytest.raises(UsageError, match="characters that no token has"):
            VercelClient("http://127.0.0.1:9", "a\nb")

    @pytest.mark.parametrize(
        "answer", ["[]", '{"id": 1}', '{"id": "p"}', '"text"', '{"id":"p","name":"n","targets":3}']
    )
    def test_an_answer_of_another_shape_is_an_ordinary_error(
        self, make: Make, monkeypatch: pytest.MonkeyPatch, answer: str
    ) -> None:
        honest = httpx.Client.send

        def send(self: httpx.Client, request: httpx.Request, **more: Any) -> httpx.Response:
            if request.method == "GET" and "/v9/projects/acme-production" in str(request.url):
                return httpx.Response(200, text=answer, request=request)
            return honest(self, request, **more)

        monkeypatch.setattr(httpx.Client, "send", send)
        with pytest.raises(Unavailable, match=r"not expected|no JSON"):
            make().live()


class TestStrictness:
    """A stand-in that takes everything would prove nothing."""

    @pytest.mark.parametrize("field", ["name", "project", "target", "autoAssignCustomDomains", "meta", "files"])
    def test_a_mistyped_field_of_a_creation_is_recorded(
        self, make: Make, server: VercelServer, monkeypatch: pytest.MonkeyPatch, field: str
    ) -> None:
        honest = VercelClient.write

        def write(
            self: VercelClient, method: str, path: str, body: Mapping[str, Any] | None = None, **more: Any
        ) -> httpx.Response:
            changed = {(name[:-1] if name == field else name): value for name, value in (body or {}).items()}
            return honest(self, method, path, changed, **more)

        monkeypatch.setattr(VercelClient, "write", write)
        server.expects_violations = True
        with pytest.raises(Denied, match="not as Vercel describes it"):
            make().start(ONE, silent)
        assert any(f"'{field[:-1]}' was unexpected" in line for line in server.violations)
        assert server.state.deployments == {}

    def test_a_filter_that_is_none_of_meta_is_recorded(self, make: Make, server: VercelServer) -> None:
        server.expects_violations = True
        client = VercelClient(server.api, server.state.token)
        with pytest.raises(Denied):
            list(client.pages("/v6/deployments", project="x"))
        client.close()
        assert "unknown query parameter: project" in server.violations[0]

    def test_a_path_outside_of_the_description_is_recorded(self, server: VercelServer) -> None:
        server.expects_violations = True
        client = VercelClient(server.api, server.state.token)
        with pytest.raises(Denied):
            client.get("/v9/project/x", dict[str, Any])
        client.close()
        assert "no such operation" in server.violations[0]

    def test_an_answer_that_vercel_would_not_give_is_recorded(
        self, make: Make, server: VercelServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        honest = vercel_shapes.project
        monkeypatch.setattr(vercel_shapes, "project", lambda state: honest(state) | {"isLive": True})
        server.expects_violations = True
        with pytest.raises(Denied):
            make().live()
        assert any("'isLive' was unexpected" in line for line in server.violations)

    def test_leaving_the_server_fails_the_test_that_broke_the_description(self) -> None:
        def careless_test() -> None:
            with VercelServer() as server, pytest.raises(Denied):
                VercelClient(server.api, server.state.token).get("/v9/project/x", dict[str, Any])

        with pytest.raises(AssertionError, match="not as Vercel describes it"):
            careless_test()

    def test_an_order_that_was_not_carried_out_fails_the_test(self) -> None:
        def careless_test() -> None:
            with VercelServer() as server:
                server.misbehave("POST", "/nowhere", Kind.DROP_AFTER)

        with pytest.raises(AssertionError, match="nothing asked for what was to misbehave"):
            careless_test()

    def test_the_list_of_departures_is_short_and_dated(self) -> None:
        assert len(DEPARTURES) <= 10
        assert all(one.what and one.why and one.reviewed >= "2026-11-30" for one in DEPARTURES)

    def test_the_slice_holds_these_operations(self) -> None:
        text = SLICE.read_text(encoding="utf-8")
        assert [name for name in OPERATIONS if f'"operationId": "{name}"' not in text] == []
        assert text.count('"operationId": ') == len(OPERATIONS)
