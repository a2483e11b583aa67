"""Broken and dangerous migrations: each is named with its place, its rule, why, and the way out.

A folder of `broken` holds one case: the files of a folder of migrations (those in Python end in .py.txt, so that no
tool takes them for ours) and expected.txt with one `file:line:column rule` per finding.
"""

from pathlib import Path

import pytest

from shipit.adapters.postgres.grammar import PostgresGrammar
from shipit.adapters.sqlite.grammar import SqliteGrammar
from shipit.migrate.ports import Syntax
from shipit.migrations import folder
from shipit.migrations.judgement import prepare
from shipit.migrations.model import Dialect, Finding

CASES = sorted(path for path in (Path(__file__).parent / "broken").iterdir() if path.is_dir())
EXPECTED = "expected.txt"
# these have no other way to say the same: what is wrong is what is said
WITHOUT_REWRITE = {
    "adding-exclusion-constraint",
    "ban-drop-database",
    "blocking-rewrite",
    "dependency-cycle",
    "missing-dependency",
    "not-utf8",
    "plpgsql",
    "python-syntax",
    "solo-file",
    "syntax",
    "unknown-rule",
}


def findings(case: Path) -> list[Finding]:
    sqlite = "-sqlite-" in case.name
    dialect: Dialect = "sqlite" if sqlite else "postgresql"
    syntax: Syntax = SqliteGrammar() if sqlite else PostgresGrammar()
    files = {path.name.removesuffix(".txt"): path.read_bytes() for path in case.iterdir() if path.name != EXPECTED}
    read = folder.read(files, dialect)
    return [*read.findings, *(finding for one in read.migrations for finding in prepare(one, syntax)[1])]


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 70


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_a_broken_migration_is_named_with_place_and_rule(case: Path) -> None:
    found = [f"{finding.place} {finding.rule}" for finding in findings(case)]
    assert found == (case / EXPECTED).read_text("utf-8").splitlines()


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_it_is_said_why_and_what_to_write_instead(case: Path) -> None:
    for finding in findings(case):
        assert len(finding.what) > len("syntax error")
        assert not finding.what.endswith(".")
        assert finding.rewrite or finding.rule in WITHOUT_REWRITE
