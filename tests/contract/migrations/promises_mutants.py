"""For each promise on PostgreSQL what keeps it, taken out: then its check must fail, or it would prove nothing.

    python -m tests.contract.migrations.promises_mutants NAME migrate …

is the command line without what the mutant of that name takes out, for checks that need a process of its own.
"""

import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias
from unittest import mock

import pytest

from shipit.cli import main as command_line
from shipit.cli import startup
from tests.contract.migrations import promises_of_data as data
from tests.contract.migrations import promises_of_runs as runs
from tests.contract.migrations import promises_taken_out as without
from tests.contract.migrations.promises import Check
from tests.contract.migrations.promises_taken_out import TakeOut
from tests.support import run
from tests.support.migrations import Product

COMMANDS = command_line.app
"""With all of them: imported later, the command line would only have one."""
_TOP = Path(__file__).parents[3]

Mutant: TypeAlias = tuple[Check, TakeOut, str]
"""A check, what is taken out, and with which words (a pattern) the check must fail then: the harm that it sees."""

MUTANTS: Mapping[str, Mutant] = {
    "p01 writer": (data.check_p01_writer, without.nobody_asks_who_wrote, data.LOST),
    "p01 during the restore": (
        data.check_p01_during_the_restore,
        without.nobody_asks_after_the_backup_is_restored,
        data.LOST,
    ),
    "p01 last moment": (data.check_p01_last_moment, without.nobody_asks_behind_the_fence, data.LOST),
    "p01 solo": (data.check_p01_solo, without.all_during_a_solo_statement_are_ours, data.LOST),
    "p01 down": (data.check_p01_down, without.rows_are_no_hindrance, data.LOST),
    **{
        f"p02 {case}": (partial(data.check_p02, case=case), take_out, data.OTHERWISE)
        for case, take_out in {
            "rolled back": without.no_transaction,
            "down scripts": without.no_down_script_is_run,
            "backup, since a down script leaves something": without.no_fingerprint_after_down,
            "backup, since a down script leaves rows": without.down_scripts_are_always_a_way_back,
            "backup, since there is no down script": without.no_backup_is_restored,
            "backup, also after what no transaction can hold": without.no_backup_is_restored,
        }.items()
    },
    "p02 no restore, something": (
        partial(data.check_p02_no_restore, what="something"),
        without.no_fingerprint_after_down,
        "it ended with 7, not with 5",
    ),
    "p02 no restore, rows": (
        partial(data.check_p02_no_restore, what="rows"),
        without.down_scripts_are_always_a_way_back,
        "it ended with 7, not with 5",
    ),
    "p02 forgetful": (
        data.check_p02_forgetful,
        without.what_was_restored_is_not_compared,
        "rows are gone that were there before",
    ),
    "p02 changed": (data.check_p02_changed, without.nobody_compares_the_schema, "it ended with 7, not with 5"),
    "p03 no transaction": (
        partial(data.check_p03_killed, case="transaction"),
        without.no_transaction,
        data.NOT_ONCE,
    ),
    "p03 no intent": (
        partial(data.check_p03_killed, case="solo"),
        without.no_intent,
        "it ended with 4, not with 0",
    ),
    "p03 ledger apart": (data.check_p03_commit, without.the_ledger_comes_later, data.WRONG_RECORD),
    **{
        f"p04 {case}": (
            partial(runs.check_p04, case=case),
            without.the_server_does_not_watch,
            "what its client left is still there",
        )
        for case in runs.ORPHANS
    },
    **{
        f"p05 {name}": (runs.check_p05, take_out, "it is not there exactly once|not all succeed|more than one run")
        for name, take_out in {
            "no lock": without.no_lock,
            "no lock of the session": without.no_lock_of_the_session,
        }.items()
    },
    "p06 after": (
        partial(runs.check_p06, cut="after"),
        without.nobody_looks_what_came_of_it,
        "what the server did was not kept",
    ),
    "p06 before": (
        partial(runs.check_p06, cut="before"),
        without.every_commit_is_believed,
        "it ended with 0, not with 7",
    ),
    "p06 half": (runs.check_p06_half, without.what_still_runs_is_over, "what the server did was not kept"),
    "p07 failed": (data.check_p07_failed, without.nothing_is_dropped, data.RUIN),
    "p07 killed": (data.check_p07_killed, without.nothing_is_dropped, data.RUIN),
    "p07 killed, and its ruin is good enough": (data.check_p07_killed, without.a_ruin_is_good_enough, data.RUIN),
    "p07 of somebody else": (data.check_p07_of_somebody_else, without.a_ruin_is_good_enough, data.RECORDED),
    "p07 other table": (
        data.check_p07_other_table,
        without.the_answer_of_the_server_is_believed,
        data.RECORDED,
    ),
    **{
        f"p08 {case}": (partial(runs.check_p08, case=case), without.no_lock_timeout, "lock_timeout is 0.2 s")
        for case in runs.WAITING
    },
    **{
        f"p09 {harm}": (
            partial(data.check_p09_taken, harm=harm),
            without.a_backup_is_kept_unread,
            "a migration was run whose backup cannot be read",
        )
        for harm in data.HARMS
    },
    # cut or flipped elsewhere it is still found, by pg_restore and by comparing rows
    "p09 later": (
        partial(data.check_p09_restored, harm=data.UNSEEN),
        without.no_sha256,
        "it ended with 0, not with 4",
    ),
    "p10 line ends": (runs.check_p10, without.line_ends_count, "it ended with 6, not with 0"),
    "p10 mark": (runs.check_p10, without.marks_count, "it ended with 4, not with 0"),
    "p10 letter": (runs.check_p10, without.nobody_compares_files, "it ended with 0, not with 6"),
    **{
        f"p11 {case}": (
            partial(runs.check_p11, case=case),
            without.mistakes_are_let_pass if case in {"duplicate", "cyclic"} else without.nobody_compares_files,
            "something was written",
        )
        for case in runs.DISAGREEING
    },
    "p12": (runs.check_p12, without.nothing_is_masked, "the password is shown"),
    "p13 no lock": (runs.check_p13, without.no_lock_in_transactions, "more than one run applied it"),
    "p13 not said": (runs.check_p13, without.the_pooler_is_not_mentioned, "it is not said that a pooler"),
    "p13 not seen": (runs.check_p13_solo, without.the_pooler_is_not_seen, "something was written"),
    **{
        f"p14 {command}": (
            partial(runs.check_p14, command=command),
            without.nobody_asks_whose_it_is,
            "the database of production was written to",
        )
        for command in runs.COMMANDS
    },
    "p14 other tool": (
        runs.check_p14_other_tool,
        without.nobody_asks_whose_it_is,
        "the other tool was run",
    ),
}


class Mutated(Product):
    """A product whose runs in processes of their own are without what the mutant takes out, too."""

    mutant = ""

    def start(self, *argv: str, env: str = "staging") -> "subprocess.Popen[str]":
        if not self.mutant:
            return super().start(*argv, env=env)
        module = [sys.executable, "-m", "tests.contract.migrations.promises_mutants", self.mutant]
        return subprocess.Popen(
            [*module, "migrate", *argv, "--env", env, "--yes"],
            cwd=self.folder,
            env=run.environment(**self.variables, PYTHONPATH=str(_TOP)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def main(name: str, *argv: str) -> None:
    """The command line without what this mutant takes out."""
    _, take_out, _ = MUTANTS[name]
    take_out(pytest.MonkeyPatch())
    with mock.patch.object(sys, "argv", ["shipit", *argv]):
        startup.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
