"""shipit deploy history, shipit verify deployment, and what shipit status says of an environment."""

import json

import pytest
from msgspec.structs import replace

from shipit.config import open_project
from shipit.deploy import reports
from shipit.errors import Denied, LiveDiffers, Refused, RolledBack
from tests.fakes_deploy import FakeSchema
from tests.unit.deploy.scene import LOCK, NOW, Machine, Scene
from tests.unit.deploy.test_command import killed

TIME = "2025-06-15 15:06:40 UTC"


def line(machine: Machine) -> str:
    return reports.environment_line(reports.environment(machine.job()))


class TestHistory:
    def test_where_nothing_was_deployed(self, machine: Machine) -> None:
        assert reports.history(machine.job(), json=False) == ["nothing was ever deployed to staging"]
        assert reports.history(machine.job(), json=True) == ['{"deployments": []}']

    def test_has_every_deployment_with_its_end_newest_first(self, live: Scene) -> None:
        assert live.smoke
        live.schema = FakeSchema(applied=["0001"])
        live.machine().deploy()
        live.machine().roll_back()
        live.commit("1.2.0")
        live.smoke.sick = {"1.2.0"}
        machine = live.machine()
        with pytest.raises(RolledBack):
            machine.deploy()
        found = [one.partition("UTC  ")[2] for one in reports.history(machine.job(), json=False)]
        shas = [entry.decision.revision.commit[:10] for entry in machine.entries]
        assert found == [
            f"1.2.0 ({shas[0]}), schema 0001  rolled back by ada",
            f"rollback to 1.0.0 ({shas[1]}), schema 0001  complete by ada",
            f"1.1.0 ({shas[2]}), schema 0001  complete by ada",
            f"1.0.0 ({shas[3]})  complete by ada",
        ]
        assert reports.history(machine.job(), json=False)[0].startswith(TIME)
        (text,) = reports.history(machine.job(), json=True)
        assert [one["outcome"] for one in json.loads(text)["deployments"]] == ["rolled back", *["complete"] * 3]

    def test_and_the_status_show_text_of_the_ledger_as_one_line_of_text(self, live: Scene) -> None:
        machine, odd = live.machine(), "a\x1b[2J\n::error::b"
        machine.remote.push(machine.job().ledger.update(replace(machine.entries[0], actor=odd, schema=odd)))
        [newest, _] = reports.history(machine.job(), json=False)
        for said in (newest, line(machine)):
            assert "a ::error::b" in said
            assert said.isprintable()


class TestVerify:
    def test_where_nothing_was_deployed(self, machine: Machine) -> None:
        with pytest.raises(Refused, match="nothing was ever deployed to staging"):
            reports.verify(machine.job())

    def test_what_answers_is_what_was_deployed(self, live: Scene) -> None:
        machine = live.machine()
        revision = machine.entries[0].decision.revision
        assert reports.verify(machine.job()) == {"verified": "true", "version": "1.0.0", "commit": revision.commit}
        assert machine.recorder.said[-1] == f"staging is what was deployed: {revision}, 1.0.0 answers"

    def test_without_smoke_checks_it_says_that_nobody_was_asked(self, live: Scene) -> None:
        live.smoke = None
        machine = live.machine()
        reports.verify(machine.job())
        assert machine.recorder.said[-1].endswith("no smoke checks are configured, so nobody was asked")

    def test_every_difference_is_named(self, live: Scene) -> None:
        was, live.backend.live, live.frontend.live = live.backend.live, None, "0.9.0-x"
        live.schema = FakeSchema(applied=["0007"])
        with pytest.raises(LiveDiffers) as caught:
            reports.verify(live.machine().job())
        assert caught.value.evidence == (
            f"frontend: 0.9.0-x is live, {was} was deployed",
            f"backend: nothing is live, {was} was deployed",
            "database: at 0007, no version was left",
        )

    def test_a_target_that_was_not_there_then_differs(self, live: Scene) -> None:
        machine = live.machine()
        standing = machine.entries[0]
        standing.targets.pop("frontend")  # type: ignore[attr-defined]
        assert reports.drift(machine.job(), standing)[0].endswith("is live, nothing was deployed")

    def test_what_is_no_longer_there_whole_differs(self, live: Scene) -> None:
        was = live.frontend.live
        live.frontend.kept.clear()
        with pytest.raises(LiveDiffers) as caught:
            reports.verify(live.machine().job())
        assert caught.value.evidence == (f"frontend: {was} was deployed, but is not there whole, or does not run",)

    def test_what_does_not_answer_differs(self, live: Scene) -> None:
        assert live.smoke
        live.smoke.sick = {"1.0.0"}
        with pytest.raises(LiveDiffers, match="does not answer as it should"):
            reports.verify(live.machine().job())

    def test_migrations_that_a_failed_deployment_left_are_no_difference(self, live: Scene) -> None:
        assert live.smoke
        live.schema = FakeSchema(waiting=["0002_more"])
        live.smoke.sick = {"1.1.0"}
        machine = live.machine()
        with pytest.raises(RolledBack):
            machine.deploy()
        assert reports.verify(machine.job())["version"] == "1.0.0"
        assert ", schema 0002_more, " in line(machine)
        live.schema.applied.clear()
        with pytest.raises(LiveDiffers) as caught:
            reports.verify(machine.job())
        assert caught.value.evidence == ("database: at no version, 0002_more was left",)


class TestStatus:
    def test_where_nothing_was_deployed(self, machine: Machine) -> None:
        assert line(machine) == "staging: nothing deployed yet"

    def test_of_what_is_live(self, live: Scene) -> None:
        machine = live.machine()
        commit = machine.entries[0].decision.revision.commit[:10]
        assert line(machine) == f"staging: 1.0.0 ({commit}), since {TIME} by ada; healthy"
        assert reports.environment(machine.job())["deployed"] == NOW

    def test_of_what_drifted_is_sick_and_is_being_deployed(self, live: Scene) -> None:
        assert live.smoke
        machine = killed(live, "start-frontend")
        was, live.backend.live = live.backend.live, None
        live.smoke.sick = {"1.0.0"}
        found = line(machine)
        assert f"; unhealthy; drifted: backend: nothing is live, {was} was deployed; under way: 1.1.0 (" in found
        assert LOCK in live.refs

    def test_without_smoke_checks(self, live: Scene) -> None:
        live.smoke = None
        assert line(live.machine()).endswith("; health unknown")

    def test_of_all_environments_with_targets(self, live: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        machine = live.machine()
        top = machine.outside.project.top
        settings = (top / "pyproject.toml").read_text()
        settings += '[tool.shipit.environments.empty]\nfrom = "develop"\n'
        settings += (
            '[tool.shipit.environments.broken]\ntargets.site = { kind = "directory", path = "x", source = "y" }\n'
        )
        (top / "pyproject.toml").write_text(settings)

        class Job:
            def __init__(self, outside: object, *_: object) -> None:
                self.name = getattr(outside, "name", "")

        def environment(job: Job) -> object:
            if job.name == "broken":
                raise Denied("the remote is shut")
            return reports_environment(machine.job())

        reports_environment = reports.environment
        monkeypatch.setattr(reports, "DeployJob", Job)
        monkeypatch.setattr(reports, "environment", environment)
        found = reports.environments(open_project(top), machine.reporter)
        assert [one.facts["environment"] for one in found] == ["staging", "broken"]
        assert reports.environment_line(found[1].facts) == "broken: the remote is shut"
