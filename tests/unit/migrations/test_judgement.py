"""From a migration's scripts to one that may run."""

from shipit.migrations.judgement import prepare
from shipit.migrations.model import Directives, Migration, Script
from tests.unit.migrations.reading import POSTGRES, found, judged, migration, only, script


def test_all_three_scripts_are_read() -> None:
    one = Migration("1", "a", script("CREATE TABLE a ()"), script("DROP TABLE a"), script("SELECT 1;\n SELECT 2"))
    prepared, findings = prepare(one, POSTGRES)
    kinds = [[each.kind for each in part] for part in (prepared.up, prepared.down, prepared.verify)]
    assert kinds == [["CreateStmt"], ["DropStmt"], ["SelectStmt", "SelectStmt"]]
    assert (len(findings), set(prepared.footprint.created), len(prepared.down_loses)) == (0, {"a"}, 0)
    assert str(prepared.verify[1].place) == "1_a.sql:2:2"


def test_faults_of_each_script_are_told() -> None:
    one = Migration(
        "1", "a", script("CREATE TABEL a"), script("DROP TABEL a", "1_a.down.sql"), script("COMMIT", "v.sql")
    )
    _, findings = prepare(one, POSTGRES)
    assert [f"{each.place} {each.rule}" for each in findings] == [
        "1_a.sql:1:8 syntax",
        "1_a.down.sql:1:6 syntax",
        "v.sql:1:1 transaction-control",
    ]


def test_a_script_of_dbmate_counts_from_its_own_line() -> None:
    one = Migration("1", "a", Script("1_a.sql", "SELEC 1", "", line=4))
    assert str(prepare(one, POSTGRES)[1][0].place) == "1_a.sql:4:1"


def test_nobody_knows_what_python_does() -> None:
    one = Migration(
        "1",
        "a",
        Script("1_a.py", "def up(connection): ...", "", language="python"),
        directives=Directives(solo=True),
    )
    prepared, findings = prepare(one, POSTGRES)
    assert (prepared.up, findings, prepared.footprint.known, prepared.solo) == ((), (), False, True)


def test_what_is_not_negotiable_is_said_and_told_all_the_same() -> None:
    _, findings = judged("COMMIT", allowed={"transaction-control": "it works here"})
    assert [(each.rule, each.level) for each in findings] == [
        ("transaction-control", "error"),
        ("unknown-rule", "warning"),
    ]
    assert findings[1].what == "`allow transaction-control` is not heard: nothing makes that safe"


def test_a_rule_that_nobody_knows_is_told() -> None:
    finding = only("SELECT 1", allowed={"ban-drop-tabel": "x"})
    assert (finding.rule, finding.level) == ("unknown-rule", "warning")
    assert "ban-drop-table" in finding.rewrite


def test_other_rules_are_silenced_in_every_script() -> None:
    assert found("SET a.b = 1", "SET a.b = 2", allowed={"session-setting": "the pooler resets it"}) == []


def test_no_directive_at_all_is_the_usual_case() -> None:
    one = Migration("1", "a", script("SELECT 1"))
    assert prepare(one, POSTGRES)[1] == ()
    assert migration("SELECT 1").directives.solo is False
