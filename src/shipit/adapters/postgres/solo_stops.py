"""Why a statement that can be in no transaction is not run: errors as values, with what to look at."""

from collections.abc import Sequence

from shipit.adapters.postgres.scripts import shown
from shipit.errors import Refused, Stop, StoppedHalfway, Unavailable
from shipit.migrations.model import Prepared
from shipit.migrations.records import Address
from shipit.migrations.wording import counted

_INTENT = "its intent stays in shipit.intent, so that it is not run twice"


def pooled(one: Prepared) -> Refused:
    return Refused(
        f"{one.label} cannot be run behind a transaction pooler",
        evidence=["it needs a session of its own, and a lock that lasts as long as the session"],
        hint="give shipit the address of the server itself",
    )


def not_ours(one: Prepared, indexes: Sequence[str]) -> Refused:
    return Refused(
        f"{one.label} would make an index that is there already, half-built, and not by shipit",
        where=one.migration.up.path,
        evidence=[f"the index {name} is invalid, and the ledger knows of no run that began it" for name in indexes],
        hint="; ".join(f"DROP INDEX CONCURRENTLY {name}" for name in indexes),
    )


def begun_otherwise(one: Prepared, statement: str, *, known: bool) -> Refused:
    """`known`: with the file as it was the catalog shows how far it came."""
    return Refused(
        f"{one.label} was begun with another content by an earlier run",
        where=one.migration.up.path,
        evidence=[f"begun: {shown(statement)}", *([] if known else [_INTENT])],
        hint="bring the file back as it was and run again, then change it" if known else _look_at(one),
    )


def nobody_knows(one: Prepared, statement: str) -> Refused:
    return Refused(
        f"{one.label} was begun by an earlier run, and nobody can see how far it came",
        where=one.migration.up.path,
        evidence=[f"begun: {shown(statement)}", _INTENT],
        hint=_look_at(one),
    )


def half_done(one: Prepared, error: Exception, count: int | None) -> Exception:
    """It failed, and `count` transactions that it committed by itself stay; None if nobody knows how many."""
    if not isinstance(error, Stop):
        return error
    stays = f"{counted(count, 'transaction')} that it" if count else "what it"
    evidence = [
        *error.evidence,
        f"outside of a transaction: {stays} committed before it failed cannot be rolled back",
    ]
    if not one.migration.directives.idempotent:
        evidence += [_INTENT, _look_at(one)]
    return StoppedHalfway(error.what, where=error.where, evidence=evidence)


def _look_at(one: Prepared) -> str:
    row = f"DELETE FROM shipit.intent WHERE version = '{one.version}'"  # noqa: S608 - for a person to read
    mark = "#" if one.migration.up.language == "python" else "--"
    again = f"if it may be run again, say so in its file with `{mark} shipit: idempotent`"
    return f"look what of its effect is there; {again}, else undo it by hand and {row}"


def lost(one: Prepared, address: Address, evidence: Sequence[str]) -> Unavailable:
    return Unavailable(
        f"the link to the database was lost while {one.label} ran",
        where=str(address),
        evidence=[*evidence, "its intent stays in the ledger"],
        hint="run the same command again: it looks how far this came, and removes or records it",
    )


def with_remark(error: Exception, remark: str) -> Exception:
    """The same, with one more line of evidence."""
    if not isinstance(error, Stop):
        return error
    return type(error)(error.what, where=error.where, evidence=[*error.evidence, remark], hint=error.hint)


def halves(one: Prepared) -> Refused:
    return Refused(
        f"{one.label} cannot be rolled back as a whole",
        where=one.migration.down.path if one.migration.down else None,
        evidence=[f"of {len(one.down)} statements in its down script one can be in no transaction"],
        hint="let the down script hold that one statement alone",
    )
