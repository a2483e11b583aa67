"""The link of a run to its database, once it is lost: another session, and the lock that went with the former.

Who gets the lock again knows more than that nobody else has it: the former session is over, and whatever it had not
committed is rolled back.
"""

import time

from shipit.engine.plan import Say
from shipit.errors import ExternalError, LeaseLost, StoppedHalfway
from shipit.migrate.ports import Database

PATIENCE = 30.0
"""Seconds in which a server may come back."""
_LOCK = 5.0  # seconds in which the former session may end; who holds the lock for longer is another run
_PAUSE = 0.2


def regain(database: Database, say: Say) -> None:
    """Hold the lock, in another session if the former one is lost.

    Raises LeaseLost if somebody else holds it by now, and what the database said last if it does not come back.
    """
    end, is_reported = time.monotonic() + PATIENCE, False
    while True:
        try:
            if not database.guard.is_held():
                database.guard.take(_LOCK, say)
        except LeaseLost:
            raise
        except ExternalError:
            if time.monotonic() >= end:
                raise
            if not is_reported:
                say(f"the link to the database is lost: asking for {PATIENCE:.0f} s whether it is there again")
            is_reported = True
            database.close()
            time.sleep(_PAUSE)
        else:
            return


def settle(database: Database, why: ExternalError, say: Say) -> None:
    """After a failure: see to it that the database can be asked what came of it.

    Raises StoppedHalfway if it stays away. Whether another run has the lock is for the way back to say.
    """
    try:
        regain(database, say)
    except LeaseLost:
        return
    except ExternalError as silence:
        raise StoppedHalfway(why.what, where=why.where, evidence=[*why.evidence, *unknown(silence)]) from why


def unknown(silence: ExternalError) -> tuple[str, ...]:
    """What can be said while nobody can be asked."""
    return (
        f"for {PATIENCE:.0f} s nobody could be asked what is there: {silence.what}",
        "the server rolls back what was not committed, and its ledger has what was: nothing is applied twice",
    )
