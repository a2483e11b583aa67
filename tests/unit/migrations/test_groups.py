"""Which migrations share a transaction."""

import pytest

from shipit.migrations.groups import plan_groups
from shipit.migrations.judgement import prepare
from shipit.migrations.model import Group, Migration, Prepared, Script
from tests.unit.migrations.reading import POSTGRES, migration


def pending(*scripts: str, solo: bool = False) -> list[Prepared]:
    made = (migration(text, version=str(number), solo=solo) for number, text in enumerate(scripts, 1))
    return [prepare(one, POSTGRES)[0] for one in made]


def cut(*scripts: str) -> list[str]:
    """The versions of each group."""
    return ["".join(one.version for one in group.migrations) for group in plan_groups(pending(*scripts))]


def whys(*scripts: str) -> list[str]:
    return [group.why for group in plan_groups(pending(*scripts))]


ALTER_A, ALTER_B = "ALTER TABLE a ADD x int", "ALTER TABLE b ADD x int"
NEW, INSERT_A = "CREATE TABLE n ()", "INSERT INTO a VALUES (1)"


def test_nothing_pending_needs_no_group() -> None:
    assert plan_groups([]) == ()


@pytest.mark.parametrize(
    ("scripts", "groups"),
    [
        ([NEW, "CREATE TABLE m ()", "CREATE VIEW v AS SELECT 1"], ["123"]),
        ([ALTER_A, "ALTER TABLE public.a ADD y int"], ["12"]),
        ([ALTER_A, ALTER_B], ["1", "2"]),
        ([ALTER_A, NEW, ALTER_A], ["123"]),
        ([NEW, ALTER_A], ["12"]),
        ([NEW, "ALTER TABLE n ADD x int", ALTER_A], ["123"]),
        ([INSERT_A, "INSERT INTO b VALUES (1)"], ["12"]),
        ([INSERT_A, ALTER_A], ["12"]),
        ([INSERT_A, ALTER_B], ["1", "2"]),
        ([ALTER_A, INSERT_A], ["12"]),
        ([ALTER_B, INSERT_A], ["1", "2"]),
        ([ALTER_A, "CREATE INDEX ON b (x)"], ["1", "2"]),
        ([ALTER_A, "CREATE TABLE m (x int REFERENCES b)"], ["1", "2"]),
        ([ALTER_A, "ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b"], ["1", "2"]),
        (["ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b", ALTER_B], ["12"]),
        ([NEW, "UPDATE a SET x = 1", NEW], ["1", "2", "3"]),
        ([NEW, "CREATE INDEX CONCURRENTLY ON a (x)", "CREATE TABLE m ()"], ["1", "2", "3"]),
        ([NEW, "ALTER TYPE e ADD VALUE 'x'", "CREATE TABLE m ()"], ["12", "3"]),
        ([NEW, "DO $$ BEGIN NULL; END $$", "CREATE TABLE m ()"], ["1", "2", "3"]),
    ],
)
def test_a_group_ends_where_others_would_wait_longer(scripts: list[str], groups: list[str]) -> None:
    assert cut(*scripts) == groups


@pytest.mark.parametrize(
    ("scripts", "why"),
    [
        ([ALTER_A, ALTER_B], "2_a blocks b, this transaction a"),
        ([INSERT_A, ALTER_B], "2_a blocks b, this transaction locks rows of a"),
        ([ALTER_B, INSERT_A], "2_a writes to a, this transaction blocks b"),
        (
            [ALTER_A, "ALTER TABLE b ADD FOREIGN KEY (x) REFERENCES c"],
            "2_a blocks b and 1 more, this transaction a",
        ),
        ([NEW, "UPDATE a SET x = 1"], "2_a moves data and may take long"),
        (["VACUUM a", NEW], "1_a can run in no transaction"),
        (["ALTER TYPE e ADD VALUE 'x'", NEW], "what comes after must see 1_a committed"),
        (["SELECT do_it()", NEW], "nobody knows what 1_a locks"),
    ],
)
def test_it_is_said_why(scripts: list[str], why: str) -> None:
    assert whys(*scripts) == [why, ""]


def test_a_group_of_what_no_transaction_can_hold_says_so() -> None:
    groups = plan_groups(pending("CREATE INDEX CONCURRENTLY ON a (x)", NEW))
    assert [group.solo for group in groups] == [True, False]


def test_a_script_in_python_stands_alone() -> None:
    python = Migration("2", "b", Script("2_b.py", "", "", language="python"))
    both = [*pending(NEW), prepare(python, POSTGRES)[0]]
    assert [len(group.migrations) for group in plan_groups(both)] == [1, 1]


def thousand() -> tuple[Group, ...]:
    text = "CREATE TABLE t{0} (id bigint PRIMARY KEY); CREATE INDEX i{0} ON t{0} (id)"
    return plan_groups(pending(*(text.format(number) for number in range(1000))))


def test_a_thousand_new_tables_become_three_groups() -> None:
    groups = thousand()
    assert [len(group.migrations) for group in groups] == [400, 400, 200]
    assert groups[0].why == "more than 800 relations could overflow the server's lock table"


def test_for_what_nobody_waits_a_transaction_may_be_longer() -> None:
    small = pending("CREATE TABLE t (a int)", *["INSERT INTO t VALUES (1)"] * 12)
    assert [len(group.migrations) for group in plan_groups(small, most=2)] == [10, 3]


def test_for_what_others_wait_a_transaction_is_short() -> None:
    blocking = pending("ALTER TABLE b ADD a int", "CREATE TABLE t (a int)", "CREATE TABLE u (a int)")
    groups = plan_groups(blocking, most=2)
    assert [len(group.migrations) for group in groups] == [2, 1]
    assert groups[0].why == "a transaction of more than 2 statements would be too long"
    assert [len(group.migrations) for group in plan_groups((*blocking[1:], blocking[0]), most=2)] == [2, 1]


def test_the_lock_table_of_the_server_is_not_filled() -> None:
    made = pending(*(f"CREATE TABLE t{number} ()" for number in range(7)))
    groups = plan_groups(made, relations=3)
    assert [len(group.migrations) for group in groups] == [3, 3, 1]
    assert groups[0].why == "more than 3 relations could overflow the server's lock table"


def test_one_that_is_too_big_by_itself_is_applied_all_the_same() -> None:
    big = "; ".join(f"ALTER TABLE b ADD c{number} int" for number in range(3))
    groups = plan_groups(pending(big, "SELECT 4"), most=2)
    assert [len(group.migrations) for group in groups] == [1, 1]
