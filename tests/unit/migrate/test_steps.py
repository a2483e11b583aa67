"""The steps of a migration through the engine: what is there after every kind of failure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from shipit.config import DatabaseOptions, Migrations
from shipit.config.tables.environments import BackupOptions
from shipit.engine import events
from shipit.engine.plan import Plan, Problem, Say, State
from shipit.engine.preview import preview
from shipit.engine.run import carry_out
from shipit.errors import ExternalError, LeaseLost, LostRace, Refused, RolledBack, Stop, StoppedHalfway, Unavailable
from shipit.migrate import recipe
from shipit.migrate.ports import BackupStore
from shipit.migrate.recipe import MigrationContext
from shipit.migrate.steps.run import Notebook
from shipit.migrations.ladder import Policy
from shipit.migrations.model import Footprint, Group, Prepared
from shipit.migrations.records import Run
from tests.fakes_database import FakeDatabase, group, made

RUN = Run("20260102T030405Z-ab12", "migrate", "ada", "host", 1000.0)
STAGING = Policy(downs=True)
RESTORING = Policy(downs=True, restores=True)
PRODUCTION = Policy()
URL = "env:DATABASE_URL"


@dataclass
class Stage:
    """One run on one database."""

    groups: Sequence[Group] = ()
    back: tuple[Prepared, ...] = ()
    policy: Policy = STAGING
    settings: Migrations = field(default_factory=Migrations)
    options: DatabaseOptions = field(default_factory=lambda: DatabaseOptions(url=URL))
    store: BackupStore | None = None
    database: FakeDatabase = field(default_factory=lambda: FakeDatabase({"kept": 5}))
    objections: Sequence[Problem] = ()
    run_: Run = RUN
    finding_lines: list[events.Event] = field(default_factory=list)

    def parts(self) -> MigrationContext:
        return MigrationContext(
            environment="staging",
            settings=self.settings,
            options=self.options,
            store=self.store,
            policy=self.policy,
            database=self.database.ports(),
            notebook=Notebook(run=self.run_),
            objections=lambda: self.objections,
            groups=tuple(self.groups),
            back=self.back,
        )

    def migrate(self) -> None:
        self.carry_out(recipe.migrate(self.parts()))

    def rollback(self) -> None:
        self.carry_out(recipe.rollback(self.parts()))

    def carry_out(self, plan: Plan) -> None:
        carry_out(plan, self.finding_lines.append)

    def fails(self, kind: type[Stop]) -> Stop:
        with pytest.raises(kind) as caught:
            self.migrate()
        assert type(caught.value) is kind
        return caught.value

    @property
    def versions(self) -> list[str]:
        return [row.version for row in self.database.rows]

    @property
    def said(self) -> list[str]:
        return [event.line for event in self.finding_lines if isinstance(event, events.Said)]


def two_groups(second: Prepared | None = None) -> list[Group]:
    return [group(made("1"), made("2")), group(second or made("3"))]


def broken(version: str = "3") -> Prepared:
    return made(version, up=f"make t{version}; fail")


class TestAGoodRun:
    def test_everything_is_applied_once_and_recorded(self) -> None:
        stage = Stage(two_groups())
        stage.migrate()
        assert stage.versions == ["1", "2", "3"]
        assert stage.database.tables == {"kept": 5, "t1": 0, "t2": 0, "t3": 0}
        assert stage.database.bound == "staging"
        [run] = stage.database.runs()
        assert (run.outcome, run.backup) == ("complete", f"{RUN.id}.dump")
        assert run.ended is not None

    def test_the_backup_is_taken_before_anything_is_applied(self) -> None:
        stage = Stage(two_groups())
        stage.migrate()
        effects = [line for line in stage.database.log if not line.startswith(("foreign", "find"))]
        assert effects == [
            "lock",
            "rehearse 1 2 3",
            "open_run",
            "backup",
            "apply 1 2",
            "apply 3",
            "close_run",
        ]
        assert stage.database.saved[RUN.id] == ({"kept": 5}, [])

    def test_a_second_run_that_waited_for_the_lock_finds_everything_there(self) -> None:
        first = Stage(two_groups())
        second = Stage(two_groups(), database=first.database, run_=replace(RUN, id="later"))
        plan = recipe.migrate(second.parts())
        first.migrate()
        second.carry_out(plan)
        assert first.versions == ["1", "2", "3"]
        assert first.database.log.count("backup") == 1
        assert [event.name for event in second.finding_lines if isinstance(event, events.StepSkipped)] == [
            "rehearsal",
            "backup",
            "apply-1-to-2",
            "apply-3",
        ]

    def test_a_run_that_died_in_between_is_gone_on_with(self) -> None:
        stage = Stage(two_groups())
        stage.database.fails["apply_solo"] = KeyboardInterrupt()
        stage.groups = [group(made("1")), group(made("2"), solo=True)]
        with pytest.raises(KeyboardInterrupt):
            stage.migrate()
        again = Stage(stage.groups, database=stage.database, run_=replace(RUN, id="later"))
        again.database.fails.clear()
        again.database.holder_ = None
        again.migrate()
        assert stage.versions == ["1", "2"]
        assert {run.id: run.outcome for run in stage.database.runs()} == {RUN.id: "killed", "later": "complete"}

    def test_behind_a_pooler_nobody_can_say_that_another_run_is_dead(self) -> None:
        stage = Stage(two_groups(), database=FakeDatabase(pooled=True))
        stage.database.runs_.append(replace(RUN, id="other"))
        stage.migrate()
        assert {run.id: run.outcome for run in stage.database.runs()} == {"other": "", RUN.id: "complete"}

    def test_a_statement_that_was_begun_says_so_in_the_plan(self) -> None:
        stage = Stage([group(made("1"), solo=True)])
        stage.database.begun.add("1")
        seen = preview(recipe.migrate(stage.parts()))
        [look] = [one.look for one in seen.looked if one.name == "apply-1"]
        assert (look.state, look.evidence) == (State.ABSENT, "begun by a run that died: the catalog decides")

    def test_a_group_that_is_there_in_part_says_so(self) -> None:
        stage = Stage([group(made("1"), made("2"))])
        stage.database.ports().runner.apply([made("1")], "before", lambda _: None)
        [look] = [one.look for one in preview(recipe.migrate(stage.parts())).looked if one.name == "apply-1-to-2"]
        assert look.evidence == "1 of 2 are there"

    def test_without_backup_and_rehearsal_there_are_no_such_steps(self) -> None:
        without_backup = DatabaseOptions(url=URL, backup=BackupOptions(enabled=False))
        stage = Stage(two_groups(), settings=Migrations(rehearse="never"), options=without_backup)
        stage.migrate()
        assert "backup" not in stage.database.log
        assert not [line for line in stage.database.log if line.startswith("rehearse")]

    def test_where_a_rehearsal_is_not_possible_it_is_left_out(self) -> None:
        stage = Stage(two_groups())
        stage.database.no_rehearsal = "the role may not create databases"
        stage.migrate()
        assert not [line for line in stage.database.log if line.startswith("rehearse")]

    def test_a_lock_that_went_with_its_session_is_taken_again(self) -> None:
        stage = Stage(two_groups())

        class Losing(dict[str, BaseException]):
            def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
                if key == "apply" and stage.database.log[-1] == "apply 1 2":
                    stage.database.holder_ = None
                return default

        stage.database.fails = Losing()
        stage.migrate()
        assert stage.database.log.count("lock") == 2
        assert stage.database.holder_ is None  # freed at the end


class TestRefusals:
    def test_the_database_of_another_environment_is_refused(self) -> None:
        stage = Stage(two_groups(), database=FakeDatabase(bound="production"))
        stop = stage.fails(Refused)
        assert "this database belongs to production, not to staging" in stop.evidence
        assert stage.database.log == []

    def test_every_problem_is_named_at_once(self) -> None:
        stage = Stage(
            two_groups(), objections=(Problem("0001 was edited"),), settings=Migrations(rehearse="always")
        )
        stage.database.server_problems = (Problem("read only"),)
        stage.database.backup_problems = (Problem("no pg_dump"),)
        stage.database.no_rehearsal = "no right"
        stop = stage.fails(Refused)
        for what in ("0001 was edited", "read only", "no pg_dump", "a rehearsal is asked for and not possible"):
            assert what in stop.evidence
        assert stage.database.log == []

    def test_what_changed_before_the_lock_was_ours_is_refused(self) -> None:
        answers = iter([(), (Problem("0001 was edited"),)])
        stage = Stage(two_groups())
        plan = recipe.migrate(replace(stage.parts(), objections=lambda: next(answers)))
        with pytest.raises(Refused) as caught:
            stage.carry_out(plan)
        assert "0001 was edited" in caught.value.evidence
        assert stage.versions == []

    def test_a_file_that_was_applied_with_another_content_is_a_conflict(self) -> None:
        stage = Stage([group(made("1"))])
        stage.database.ports().runner.apply([made("1", up="make other")], "before", lambda _: None)
        assert "applied with another content: 1_step" in "\n".join(stage.fails(Refused).evidence)

    def test_a_lock_that_somebody_holds_loses_the_race(self) -> None:
        stage = Stage(two_groups())
        stage.database.fails["lock"] = LeaseLost("another run holds the lock")
        assert stage.fails(LostRace).exit_code == 9

    def test_a_backup_that_fails_runs_nothing(self) -> None:
        stage = Stage(two_groups())
        stage.database.fails["backup"] = ExternalError("the backup cannot be read back")
        stage.fails(RolledBack)
        assert stage.versions == []
        assert not [line for line in stage.database.log if line.startswith("apply")]

    def test_a_rehearsal_that_fails_runs_nothing(self) -> None:
        stage = Stage(two_groups())
        stage.database.fails["rehearse"] = Refused("3_step fails on a copy of the schema")
        stage.fails(Refused)
        assert stage.versions == []


class TestTheWayBack:
    def test_a_failure_in_the_first_transaction_leaves_nothing(self) -> None:
        stage = Stage([group(made("1"), broken("2"))])
        stop = stage.fails(RolledBack)
        assert stop.what == "apply-1-to-2: division by zero"
        assert stage.database.tables == {"kept": 5}
        assert "R1: rolled back, nothing was committed" in stage.said

    def test_outside_production_the_down_scripts_take_back_what_was_committed(self) -> None:
        stage = Stage(two_groups(broken()))
        stage.fails(RolledBack)
        assert stage.versions == []
        assert stage.database.tables == {"kept": 5}

    def test_production_stops_at_the_last_good_version(self) -> None:
        stage = Stage(two_groups(broken()), policy=PRODUCTION)
        stop = stage.fails(StoppedHalfway)
        assert stage.versions == ["1", "2"]
        assert stop.hint is not None
        assert "shipit migrate --env staging again" in stop.hint

    def test_what_has_no_way_back_ends_the_way_back(self) -> None:
        stage = Stage([group(made("1", down=None)), group(broken("2"))])
        stage.fails(StoppedHalfway)
        assert stage.versions == ["1"]

    def test_rows_that_were_written_since_are_not_taken_away(self) -> None:
        stage = Stage(two_groups(broken()))
        stage.database.fails["revert"] = Refused("t1 is not empty any more")
        stop = stage.fails(StoppedHalfway)
        assert stage.versions == ["1", "2"]
        assert stop.what == "apply-3: division by zero"
        assert "R5: left as it is, for a person to decide" in stop.evidence
        assert "last good version: 2" in stop.evidence
        assert f"shipit migrate restore {RUN.id} --env staging" in (stop.hint or "")

    def test_the_backup_comes_back_when_nobody_else_wrote(self) -> None:
        lossy = made("1", up="drop kept", footprint=Footprint({"kept": "ACCESS EXCLUSIVE"}, lossy=("table kept",)))
        stage = Stage([group(lossy), group(broken("2"))], policy=RESTORING)
        stage.fails(RolledBack)
        assert stage.database.tables == {"kept": 5}
        assert "restored; the failed database is kept as acme_kept" in stage.said

    def test_one_foreign_transaction_and_the_backup_stays_where_it_is(self) -> None:
        lossy = made("1", up="drop kept", footprint=Footprint({}, lossy=("table kept",)))
        stage = Stage([group(lossy), group(broken("2"))], policy=RESTORING)
        stage.database.foreign = 1
        stop = stage.fails(StoppedHalfway)
        assert stage.database.tables == {"t1": 0} or "kept" not in stage.database.tables
        assert "1 transactions of others since the backup" in stop.evidence
        assert "--accept-loss 1" in (stop.hint or "")

    def test_a_writer_who_comes_between_the_question_and_the_fence_is_not_lost(self) -> None:
        lossy = made("1", up="drop kept", footprint=Footprint({}, lossy=("table kept",)))
        stage = Stage([group(lossy), group(broken("2"))], policy=RESTORING)
        hint = "shipit migrate restore RUN --env NAME --accept-loss 1"
        stage.database.fails["restore"] = Refused("1 transactions of others would be lost", hint=hint)
        stop = stage.fails(StoppedHalfway)
        assert "1 transactions of others would be lost" in stop.evidence
        assert not any("since the backup" in line for line in stop.evidence)
        assert (stop.hint or "").endswith(
            f"; to go back instead: {hint}".replace("RUN", "20260102T030405Z-ab12").replace("NAME", "staging")
        )

    def test_when_nobody_can_say_whether_others_wrote_nothing_is_restored(self) -> None:
        lossy = made("1", up="drop kept", footprint=Footprint({}, lossy=("table kept",)))
        stage = Stage([group(lossy), group(broken("2"))], policy=RESTORING)
        stage.database.fails["foreign_since"] = Unavailable("no answer")
        assert (
            "an unknown number of transactions of others since the backup" in stage.fails(StoppedHalfway).evidence
        )

    def test_a_schema_that_somebody_else_changed_meanwhile_is_not_called_as_before(self) -> None:
        stage = Stage([group(broken("1"))])
        database = stage.database

        class Meddling(dict[str, BaseException]):
            def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
                if key == "apply":
                    database.tables["theirs"] = 0
                return default

        database.fails = Meddling()
        stop = stage.fails(StoppedHalfway)
        assert any("somebody else changed it" in line for line in stop.evidence)


class TestALostSession:
    @staticmethod
    def lose(stage: Stage, at: str, *, another: str | None = None) -> None:
        """The session ends in the middle of applying the version `at`; `another` run has the lock then."""
        before = stage.database.apply

        def apply(migrations: Sequence[Prepared], run: str, say: Say, *, last: bool = False) -> None:
            if any(one.version == at for one in migrations):
                stage.database.holder_ = another
                raise Unavailable("terminating connection due to administrator command")
            before(migrations, run, say, last=last)

        stage.database.apply = apply  # type: ignore[method-assign]

    def test_nothing_committed_is_told_as_taken_back(self) -> None:
        stage = Stage(two_groups(), policy=PRODUCTION)
        self.lose(stage, "1")
        stop = stage.fails(RolledBack)
        assert "everything is as before" in stop.evidence
        assert stage.database.holder_ == "me"

    def test_what_was_committed_goes_the_usual_way_back(self) -> None:
        stage = Stage(two_groups())
        self.lose(stage, "3")
        stage.fails(RolledBack)
        assert stage.versions == []

    def test_another_run_that_has_the_lock_goes_on(self) -> None:
        stage = Stage(two_groups())
        self.lose(stage, "1", another="another")
        stop = stage.fails(LostRace)
        assert stop.what.startswith("apply-1-to-2: terminating connection")
        assert "the ledger has nothing of this run" in stop.evidence

    def test_a_session_that_ended_during_the_backup_applies_nothing(self) -> None:
        stage = Stage(two_groups(), policy=PRODUCTION)

        class Losing(dict[str, BaseException]):
            def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
                if key == "backup":
                    stage.database.holder_ = None
                return default

        stage.database.fails = Losing()
        stop = stage.fails(RolledBack)
        assert stop.what == "backup: the migration lock was lost during the backup"
        assert stage.versions == []

    def test_a_way_back_whose_session_ends_is_settled_too(self) -> None:
        stage = Stage([group(made("1"))])
        stage.migrate()
        back = Stage(back=(made("1"),), database=stage.database, run_=replace(RUN, id="later"))
        back.database.fails["revert"] = Unavailable("terminating connection due to administrator command")
        with pytest.raises(RolledBack):
            back.rollback()
        assert stage.versions == ["1"]


class TestVerify:
    def test_rows_that_vanished_from_a_table_nobody_touched_are_a_failure(self) -> None:
        stage = Stage([group(made("1", up="make t1; empty kept"))])
        stop = stage.fails(RolledBack)
        assert "kept: 5 rows before, 0 now" in stop.evidence

    def test_unless_somebody_else_was_at_work(self) -> None:
        stage = Stage([group(made("1", up="make t1; empty kept"))])
        stage.database.foreign = 3
        stage.migrate()
        assert "kept: 5 rows before, 0 now; 3 transactions of others since" in stage.said

    def test_a_table_that_a_script_names_may_shrink(self) -> None:
        touching = made("1", up="make t1; empty kept", footprint=Footprint({"kept": "ROW EXCLUSIVE"}))
        stage = Stage([group(touching)])
        stage.migrate()
        assert stage.versions == ["1"]

    def test_a_statement_that_changes_rows_may_reach_others_through_foreign_keys(self) -> None:
        cascading = made("1", up="make t1; empty kept", footprint=Footprint({"parent": "ROW EXCLUSIVE"}))
        stage = Stage([group(cascading)])
        stage.migrate()
        assert "kept: 5 rows before, 0 now; 0 transactions of others since" in stage.said

    def test_a_python_script_may_touch_anything(self) -> None:
        unknown = made("1", up="make t1; empty kept", footprint=Footprint({}, known=False))
        stage = Stage([group(unknown)])
        stage.migrate()
        assert stage.versions == ["1"]


class TestRollback:
    def test_down_scripts_take_back_after_a_backup(self) -> None:
        stage = Stage([group(made("1"), made("2"))])
        stage.migrate()
        back = Stage(back=(made("2"), made("1")), database=stage.database, run_=replace(RUN, id="later"))
        back.rollback()
        assert stage.versions == []
        assert stage.database.saved["later"][0] == {"kept": 5, "t1": 0, "t2": 0}

    def test_run_again_it_finds_nothing_to_take_back(self) -> None:
        stage = Stage(back=(made("2"),))
        stage.rollback()
        assert "backup" not in stage.database.log
        assert not [line for line in stage.database.log if line.startswith("revert")]


class TestBackup:
    def test_a_backup_by_itself_touches_nothing_else(self) -> None:
        stage = Stage()
        stage.carry_out(recipe.backup_only(stage.parts()))
        assert [one.run for one in stage.database.backups_] == [RUN.id]
        assert stage.versions == []


class TestThePlan:
    def test_a_group_says_what_it_means_for_others(self) -> None:
        strong = Footprint(
            {"a": "ACCESS EXCLUSIVE", "b": "SHARE", "c": "ROW EXCLUSIVE", "d": "SHARE", "e": "SHARE"},
            long=True,
            lossy=("column a.x",),
        )
        stage = Stage([group(made("1", footprint=strong))], policy=PRODUCTION)
        [step] = recipe.apply(stage.parts())
        assert step.summary == (
            "Apply 1_step (1 statement, ACCESS EXCLUSIVE on a, SHARE on b, SHARE on d, and 1 more, moves data, "
            "destroys column a.x; if it fails: R1)"
        )

    def test_a_solo_statement_says_that_it_is_in_no_transaction(self) -> None:
        [step] = recipe.apply(Stage([group(made("1"), solo=True)]).parts())
        assert step.summary == "Apply 1_step (1 statement, outside of a transaction; if it fails: R1)"

    def test_the_title_counts(self) -> None:
        plan = recipe.migrate(Stage(two_groups()).parts())
        assert plan.title == "Migrate staging: 3 migrations in 2 transactions"
        assert plan.point_of_no_return == "verify"
