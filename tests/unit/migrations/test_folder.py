"""The folder of migrations as a whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.migrations.checksum import checksum
from shipit.migrations.folder import Folder, read
from shipit.migrations.model import Directives, Finding
from shipit.migrations.names import key
from tests.unit.migrations.shapes import folder_of, told

SELECT = "select 1;\n"


def labels(found: Folder) -> list[str]:
    return [migration.label for migration in found.migrations]


def only(found: Folder, rule: str) -> Finding:
    (finding,) = [finding for finding in found.findings if finding.rule == rule]
    return finding


def test_an_empty_folder_holds_nothing_and_nothing_is_wrong_with_it() -> None:
    assert folder_of({}) == Folder(())
    assert folder_of({"README.md": "# Migrations", ".gitkeep": ""}) == Folder(())


def test_the_scripts_of_a_migration_are_found_by_version_and_name() -> None:
    found = folder_of(
        {
            "0001_a.verify.sql": "select 3;\n",
            "0001_a.down.sql": '-- shipit: allow drop-table "ours"\nselect 2;\n',
            "0001_a.sql": '-- shipit: idempotent\n-- shipit: allow drop-column "old"\r\nselect 1;\n',
        }
    )
    (migration,) = found.migrations
    assert found.findings == ()
    assert migration.down
    assert migration.verify
    assert migration.up.path == "migrations/0001_a.sql"
    assert migration.up.text == '-- shipit: idempotent\n-- shipit: allow drop-column "old"\nselect 1;\n'
    assert migration.up.sha256 == checksum(migration.up.text)
    assert (migration.down.path, migration.verify.text) == ("migrations/0001_a.down.sql", "select 3;\n")
    assert migration.directives == Directives(idempotent=True, allowed={"drop-table": "ours", "drop-column": "old"})


def test_paths_stay_as_they_are_without_the_name_of_a_folder() -> None:
    found = read({"1_a.sql": b"select 1", "b.sql": b""}, "sqlite")
    assert found.migrations[0].up.path == "1_a.sql"
    assert str(found.findings[0].place) == "b.sql:1:1"


def test_versions_ascend_as_numbers() -> None:
    assert labels(folder_of({f"{version}_a.sql": SELECT for version in ("10", "9", "1.10", "1.2", "011")})) == [
        *("1.2_a", "1.10_a", "9_a", "10_a", "011_a")
    ]


def test_files_of_golang_migrate_are_read_as_they_are() -> None:
    found = folder_of({"000001_a.up.sql": SELECT, "000001_a.down.sql": SELECT, "000002_b.up.sql": SELECT})
    assert found.findings == ()
    assert [(each.label, each.down is not None) for each in found.migrations] == [
        *(("000001_a", True), ("000002_b", False))
    ]


def test_files_of_flyway_are_read_as_they_are() -> None:
    files = {"V1_2__a.sql": SELECT, "U1_2__a.sql": SELECT, "V1_10__b.sql": SELECT, "V1_9__c.sql": SELECT}
    files |= {"V1_10__b.sql.conf": "shouldExecute=true\nexecuteInTransaction = false\n"}
    found = folder_of(files | {"V1_9__c.sql.conf": "executeInTransaction=true\n"})
    assert found.findings == ()
    assert labels(found) == ["1.2_a", "1.9_c", "1.10_b"]
    assert [migration.directives.solo for migration in found.migrations] == [False, False, True]
    assert found.migrations[0].down


def test_files_of_dbmate_are_read_as_they_are() -> None:
    text = """-- shipit: depends 1
-- shipit: allow a "above"
-- migrate:up transaction:false
-- shipit: depends 1, 2
-- shipit: allow a "below"
create index;

-- migrate:down
-- shipit: allow b "down"
drop index;
"""
    found = folder_of(
        {
            "1_a.sql": "-- migrate:up\nselect 1;\n-- migrate:down\n",
            "2_b.sql": "-- migrate:up\nselect 2",
            "3_c.sql": text,
        }
    )
    assert found.findings == ()
    first, second, third = found.migrations
    assert (first.down, second.down) == (None, None)
    assert third.down
    assert third.directives == Directives(("1", "2"), solo=True, allowed={"b": "down", "a": "below"})
    assert (third.up.line, third.down.line, third.down.path) == (4, 9, "migrations/3_c.sql")
    assert third.up.text.endswith("create index;\n")


@pytest.mark.parametrize("above", [True, False])
def test_directives_of_dbmate_files_are_read_above_and_below_the_marker(above: bool) -> None:
    said = '-- shipit: solo\n-- shipit: idempotent\n-- shipit: contract\n-- shipit: irreversible "why"\n'
    text = f"{said}-- migrate:up\n" if above else f"-- migrate:up\n{said}"
    (migration,) = folder_of({"1_a.sql": f"{text}select 1;"}).migrations
    assert migration.directives == Directives(
        solo=True, idempotent=True, contract=True, irreversible="why", allowed={}
    )


def test_the_up_script_has_the_last_word_on_what_is_allowed() -> None:
    roles = ("up", "down", "verify")
    found = folder_of({f"1_a.{role}.sql": f'-- shipit: allow x "{role}"\nselect 1' for role in roles})
    assert found.migrations[0].directives.allowed == {"x": "up"}


def test_a_better_down_section_of_dbmate_does_not_change_the_checksum_of_what_is_applied() -> None:
    before = folder_of({"1_a.sql": "-- migrate:up\nselect 1;\n-- migrate:down\n"})
    after = folder_of({"1_a.sql": "-- why\n-- migrate:up\nselect 1;\n\n\n-- migrate:down\nselect 2;\n"})
    edited = folder_of({"1_a.sql": "-- migrate:up\nselect 2;\n-- migrate:down\n"})
    assert before.migrations[0].up.sha256 == after.migrations[0].up.sha256 == checksum("select 1;\n")
    assert before.migrations[0].up.sha256 != edited.migrations[0].up.sha256


def test_a_python_file_is_a_migration_with_the_functions_that_it_defines() -> None:
    text = '"""Fill."""\n# shipit: solo\ndef up(connection): ...\ndef down(connection): ...\n'
    found = folder_of(
        {"1_a.py": text, "2_b.py": "def up(c): ...", "__init__.py": "", "helpers.py": "def up(): ..."}
    )
    assert found.findings == ()
    first, second = found.migrations
    assert first.down == first.up
    assert (first.up.language, first.up.sha256, first.verify) == ("python", checksum(text), None)
    assert first.directives.solo
    assert second.down is None


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"1_a.sql": SELECT, "0001_b.sql": SELECT}, ["migrations/1_a.sql:1:1 error duplicate-version"]),
        (
            {"1_a.sql": SELECT, "1_a.up.sql": SELECT},
            ["migrations/1_a.up.sql:1:1 error duplicate-version", "migrations/1_a.up.sql:1:1 warning mixed-names"],
        ),
        ({"1_a.sql": SELECT, "1_a.py": "def up(c): ..."}, ["migrations/1_a.sql:1:1 error duplicate-version"]),
        ({"V1__a.sql": SELECT, "V1_0__b.sql": SELECT}, ["migrations/V1__a.sql:1:1 error duplicate-version"]),
        (
            {"1_a.sql": SELECT, "1_a.down.sql": SELECT, "01_a.down.sql": SELECT},
            ["migrations/1_a.down.sql:1:1 error duplicate-script"],
        ),
        (
            {"1_a.sql": "-- migrate:up\nselect 1;\n-- migrate:down\nselect 2;", "1_a.down.sql": SELECT},
            ["migrations/1_a.sql:4:1 error duplicate-script"],
        ),
        (
            {"1_a.sql": SELECT, "1_a.verify.sql": SELECT, "1_a.Verify.sql": SELECT},
            ["migrations/1_a.verify.sql:1:1 error duplicate-script"],
        ),
        ({"1_a.down.sql": SELECT}, ["migrations/1_a.down.sql:1:1 error without-up"]),
        ({"1_a.verify.sql": SELECT}, ["migrations/1_a.verify.sql:1:1 error without-up"]),
        ({"U1__a.sql": SELECT}, ["migrations/U1__a.sql:1:1 error without-up"]),
        ({"1_a.sql": SELECT, "1_b.down.sql": SELECT}, ["migrations/1_b.down.sql:1:1 error other-name"]),
        ({"1_a.sql": "-- nothing\n;\n", "1_a.down.sql": SELECT}, ["migrations/1_a.sql:1:1 error empty-script"]),
        ({"1_a.sql": "\n-- migrate:up\n\n-- migrate:down"}, ["migrations/1_a.sql:2:1 error empty-script"]),
        ({"1_a.sql": SELECT, "1_a.down.sql": ""}, ["migrations/1_a.down.sql:1:1 warning empty-script"]),
        ({"1_a.sql": SELECT, "1_a.verify.sql": "--"}, ["migrations/1_a.verify.sql:1:1 warning empty-script"]),
        (
            {"1_a.sql": SELECT, "1_a.down.sql": "-- shipit: solo\nselect 1"},
            ["migrations/1_a.down.sql:1:1 error misplaced-directive"],
        ),
        (
            {"1_a.sql": "-- migrate:up\nselect 1;\n-- migrate:down\n-- shipit: contract\nselect 2;"},
            ["migrations/1_a.sql:4:1 error misplaced-directive"],
        ),
        (
            {"1_a.sql": "-- migrate:up\nselect 1;\n-- migrate:down transaction:false\nselect 2;"},
            ["migrations/1_a.sql:3:1 warning solo-down"],
        ),
        ({"1_a.sql": "-- migrate:up\nselect 1;\n-- migrate:down transaction:false\n"}, []),
        ({"1_a.up.sql": "-- a\n-- migrate:up\nselect 1"}, ["migrations/1_a.up.sql:2:1 error dbmate-marker"]),
        ({"1_a.sql": "-- migrate:down\nselect 1"}, ["migrations/1_a.sql:1:1 error dbmate-marker"]),
        ({"1_a.sql": "-- shipit: solow\nselect 1"}, ["migrations/1_a.sql:1:12 error unknown-directive"]),
        ({"1_a.sql": "-- +goose Up\nselect 1"}, ["migrations/1_a.sql:1:1 error foreign-tool"]),
        ({"1_a.up.sql": SELECT, "1_a.down.sql": "-- Down migration\nselect 1"}, []),
        ({"1_a.py": "class Migration(x): ..."}, ["migrations/1_a.py:1:1 error foreign-tool"]),
        ({"1_a.py": "x = 1"}, ["migrations/1_a.py:1:1 error python-without-up"]),
        ({"R__a.sql": SELECT}, ["migrations/R__a.sql:1:1 error repeatable-migration"]),
        ({"1_a.sql": "-- shipit: depends 2\n" + SELECT}, ["migrations/1_a.sql:1:20 error missing-dependency"]),
        (
            {"env.py": "", "script.py.mako": "", "versions": ""},
            ["migrations/script.py.mako:1:1 error foreign-tool"],
        ),
        (
            {"1_a.sql": SELECT, "old/1_b.sql": "", "old/1_c.SQL": "", "more/x.sql": "", "docs/a.md": ""},
            ["migrations/more:1:1 warning nested-files", "migrations/old:1:1 warning nested-files"],
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_is_wrong_is_told_once_with_its_place(files: dict[str, str], expected: list[str]) -> None:
    assert told(folder_of(files)) == expected


def test_a_script_that_cannot_be_read_is_not_also_called_missing() -> None:
    files = {"1_a.sql": b"\xff", "1_a.down.sql": b"select 1", "2_b.sql": b"-- shipit: depends 1\nselect 1"}
    assert [finding.rule for finding in read(files, "postgresql").findings] == ["not-utf8"]


def test_a_duplicate_names_the_other_file() -> None:
    found = only(folder_of({"0001_b.sql": SELECT, "1_a.sql": SELECT}), "duplicate-version")
    assert found.what == "version 1 is there twice: also in 0001_b.sql"


def test_the_number_of_files_in_a_folder_that_is_not_read_is_told() -> None:
    found = folder_of({"a/1.sql": "", "a/2.sql": "", "b/3.sql": ""})
    assert [finding.what.partition(": ")[2] for finding in found.findings] == [
        *("2 SQL files in it will not be applied", "1 SQL file in it will not be applied")
    ]


def test_the_dialect_decides_how_comments_end() -> None:
    files = {"1_a.sql": b"/* /* */ select 1; */"}
    assert [finding.rule for finding in read(files, "postgresql").findings] == ["empty-script"]
    assert read(files, "sqlite").findings == ()


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (["0001", "0002", "0004"], ["0003 is missing before 0004"]),
        (["0001", "0003"], []),
        (["0098", "0099", "0101"], ["0100 is missing before 0101"]),
        (["0001", "0002", "0003", "0005"], ["0004 is missing before 0005"]),
        (["1", "2", "3", "4", "7", "8", "10"], ["5 to 6 is missing before 7", "9 is missing before 10"]),
        (["10", "20", "30"], []),
        (["20240101", "20240102", "20240103", "20240105"], []),
        (["1.1", "1.2", "1.4"], []),
        (["0001"], []),
    ],
)
def test_a_gap_is_warned_of_where_most_numbers_follow_each_other(versions: list[str], expected: list[str]) -> None:
    found = folder_of({f"{version}_a.sql": SELECT for version in versions})
    assert sorted(finding.what for finding in found.findings) == sorted(expected)
    assert {(finding.rule, finding.level) for finding in found.findings} <= {("gap", "warning")}


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"1_a.sql": SELECT, "2_b.up.sql": SELECT}, "golang-migrate here, and for shipit in 1_a.sql"),
        ({"1_a.up.sql": SELECT, "V2__b.sql": SELECT}, "flyway here, and for golang-migrate in 1_a.up.sql"),
        (
            {"1_a.sql": "-- migrate:up\nselect 1", "2_b.sql": SELECT, "3_c.sql": SELECT},
            "shipit here, and for dbmate in 1_a.sql",
        ),
    ],
)
def test_a_mixture_of_spellings_is_warned_of_once(files: dict[str, str], what: str) -> None:
    found = only(folder_of(files), "mixed-names")
    assert (found.what, found.level) == (f"files are written for {what}", "warning")


def test_python_beside_any_spelling_is_no_mixture() -> None:
    assert folder_of({"1_a.up.sql": SELECT, "2_b.py": "def up(c): ..."}).findings == ()


names = some.sampled_from(
    [
        *("1_a.sql", "01_a.sql", "2_b.sql", "2_b.down.sql", "3_c.up.sql", "3_c.down.sql", "V4__d.sql", "U4__d.sql"),
        *(
            "5_e.py",
            "R__x.sql",
            "x.sql",
            "6_f.verify.sql",
            "a/7_g.sql",
            "V4__d.sql.conf",
            "script.py.mako",
            "env.py",
        ),
    ]
)
lines = some.sampled_from(
    [
        *("select 1;", "-- shipit: depends 1", "-- shipit: depends 2, 9", "-- shipit: solo", "-- shipit: x", ""),
        *("-- migrate:up", "-- migrate:down transaction:false", "def up(c): ...", "/*", "*/", "\ufeff", "\udcff"),
    ]
)
contents = some.lists(lines, max_size=6).map(lambda found: "\n".join(found).encode(errors="surrogateescape"))


@given(some.dictionaries(names, contents))
def test_no_folder_is_too_strange_to_be_read(files: dict[str, bytes]) -> None:
    found = read(files, "postgresql", "m")
    keys = [key(migration.version) for migration in found.migrations]
    assert len(set(keys)) == len(keys)
    assert all(finding.place.line >= 1 and finding.place.column >= 1 for finding in found.findings)
    assert all(finding.place.path.startswith("m/") for finding in found.findings)


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"1_a.sql": '-- shipit: irreversible "why"\nselect 1;', "1_a.down.sql": "select 2;"}, "1_a.down.sql:1:1"),
        (
            {"1_a.sql": '-- migrate:up\n-- shipit: irreversible "why"\nselect 1;\n-- migrate:down\nselect 2;'},
            "1_a.sql:5:1",
        ),
        (
            {"1_a.py": '# shipit: irreversible "why"\ndef up(c): ...\ndef down(c): ...\n'},
            "1_a.py:1:1",
        ),
    ],
)
def test_a_way_back_of_what_has_none_is_a_contradiction(files: dict[str, str], place: str) -> None:
    finding = only(folder_of(files), "irreversible-with-down")
    assert (str(finding.place), finding.level) == (f"migrations/{place}", "error")


def test_without_any_other_migration_none_is_proposed() -> None:
    finding = only(folder_of({"1_a.sql": "-- shipit: depends 2\nselect 1;"}), "missing-dependency")
    assert finding.rewrite == "take the dependency out: there is no other migration"
