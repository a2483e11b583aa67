"""The way back after a failed run: the ladder of migrations.ladder, acted out on a database."""

from collections.abc import Sequence

from msgspec import Struct

from shipit.engine.plan import Say
from shipit.errors import ExternalError, LeaseLost, LostRace, Refused, Stop, StoppedHalfway
from shipit.migrate.ports import Database
from shipit.migrate.steps import connection
from shipit.migrations.ladder import Policy, Rung, Situation, rung, why_not_down
from shipit.migrations.losses import risks
from shipit.migrations.model import Prepared
from shipit.migrations.records import Backup, Baseline

LAST_GOOD = "last good version:"


class WayBack(Struct, frozen=True, kw_only=True):
    """Rolls back what run `run` committed of `migrations`, or says why a person must decide."""

    database: Database
    policy: Policy
    environment: str
    run: str
    migrations: Sequence[Prepared]

    def go(self, baseline: Baseline | None, backup: Backup | None, say: Say) -> None:
        """Raises StoppedHalfway when nothing may be rolled back by itself, LostRace when another run went on."""
        self._alone(baseline, say)
        situation = self._situation(baseline, backup)
        chosen = rung(situation)
        if chosen is Rung.DOWN:
            refusal = self._down(situation.committed, baseline, say)
            if refusal is None:
                return
            situation = self._situation(baseline, backup, down_failed=True)
            chosen = rung(situation)
            say(f"the down scripts are no way back: {refusal.what}")
        say(chosen)
        if chosen is Rung.RESTORE and backup:
            self._restore(backup, situation, say)
        elif chosen is not Rung.NOTHING:
            raise self._left(situation, chosen)
        elif baseline:
            self._compare(baseline)

    def left(self, baseline: Baseline | None, backup: Backup | None) -> StoppedHalfway | None:
        """Where a run that may not be rolled back stands, in words; None if it has committed nothing."""
        situation = self._situation(baseline, backup)
        chosen = self.policy.without_way_back
        return self._left(situation, chosen) if situation.committed else None

    def _alone(self, baseline: Baseline | None, say: Say) -> None:
        """Nobody but us may take anything back: hold the lock, and see that nobody held it since we began."""
        try:
            connection.regain(self.database, say)
        except LeaseLost as other:
            raise self._overtaken(other.evidence) from other
        except ExternalError as silence:
            raise StoppedHalfway(
                "cannot tell what is there, so nothing was rolled back",
                evidence=connection.unknown(silence),
                hint=f"shipit migrate --env {self.environment} when the database answers: it looks first",
            ) from silence
        if baseline and self.database.guard.lasts() and not self._is_open():
            raise self._overtaken(["the lock was lost with our session, and another run had it since"])

    def _is_open(self) -> bool:
        """Whoever gets the lock ends the runs that are still open in the ledger; a restore takes them away."""
        return any(run.id == self.run and run.ended is None for run in self.database.ledger.runs())

    def _overtaken(self, who: Sequence[str]) -> Stop:
        done = self._situation(None, None).committed
        labels, hint = ", ".join(one.label for one in done), f"shipit migrate --env {self.environment}"
        mine = [f"committed by this run: {labels}", f"{LAST_GOOD} {done[-1].version}"] if done else []
        return (StoppedHalfway if done else LostRace)(
            "another run went on with the database, and everything is left to it",
            evidence=[*who, *(mine or ["the ledger has nothing of this run"])],
            hint=f"{hint} when it has ended: what is applied is not applied twice",
        )

    def _situation(
        self, baseline: Baseline | None, backup: Backup | None, *, down_failed: bool = False
    ) -> Situation:
        mine = {row.version for row in self.database.ledger.applied() if row.run == self.run}
        committed = tuple(one for one in self.migrations if one.version in mine)
        mark = backup.mark if backup else baseline.mark if baseline else ""
        foreign = self._foreign(mark) if committed and mark else None
        return Situation(committed, self.policy, backup is not None, foreign, down_failed)

    def _foreign(self, mark: str) -> int | None:
        try:
            return self.database.catalog.foreign_since(mark)
        except Stop:
            return None

    def _down(self, committed: Sequence[Prepared], baseline: Baseline | None, say: Say) -> Stop | None:
        """Try the down scripts; returns why they are no way back, in which case nothing of them is there."""
        say(Rung.DOWN)
        newest_first = tuple(reversed(committed))
        empty = tuple(risk for one in newest_first for risk in risks(one))
        expected = baseline.fingerprint if baseline else None
        try:
            self.database.runner.revert(newest_first, self.run, say, expected, empty)
        except (Refused, ExternalError) as refusal:
            return refusal
        return None

    def _restore(self, backup: Backup, situation: Situation, say: Say) -> None:
        try:
            restored = self.database.restorer.restore(backup, 0, say)
        except Refused as refusal:
            raise self._left(situation, Rung.LEAVE, refusal) from refusal
        say(f"restored; the failed database is kept as {restored.kept}")

    def _compare(self, baseline: Baseline) -> None:
        now = self.database.catalog.fingerprint()
        if now == baseline.fingerprint:
            return
        begun = [one.label for one in self.migrations if one.solo and self.database.runner.settled(one) is None]
        if begun:
            raise StoppedHalfway(
                f"{begun[0]} was begun outside of a transaction, and what it left could not be removed yet",
                evidence=["its intent is in the ledger: the next run removes what is left, or records it"],
                hint=f"shipit migrate --env {self.environment}",
            )
        raise StoppedHalfway(
            "nothing of this run is there, but the schema is not as it was: somebody else changed it",
            evidence=[f"catalog before {baseline.fingerprint[:12]}, now {now[:12]}"],
            hint=f"shipit verify migrations --env {self.environment}",
        )

    def _left(self, situation: Situation, chosen: Rung, refusal: Stop | None = None) -> StoppedHalfway:
        done = situation.committed
        others = "an unknown number of" if situation.foreign is None else f"{situation.foreign:,}"
        counted = f"{others} transactions of others since the backup"
        evidence = [
            str(chosen),
            f"committed by this run: {', '.join(one.label for one in done)}",
            f"{LAST_GOOD} {done[-1].version}",
            *([counted] if refusal is None else []),  # the refusal counted later
            *([f"no way back by down scripts: {why}"] if (why := why_not_down(done)) else []),
            *((refusal.what, *refusal.evidence) if refusal else ()),
        ]
        loss = "" if not situation.foreign else f" --accept-loss {situation.foreign}"
        back = f"shipit migrate restore {self.run} --env {self.environment}{loss}"
        if refusal and refusal.hint:
            back = refusal.hint.replace("NAME", self.environment).replace("RUN", self.run)
        return StoppedHalfway(
            "stopped at the last good version",
            evidence=evidence,
            hint=f"fix the failing migration and run shipit migrate --env {self.environment} again"
            + (f"; to go back instead: {back}" if situation.has_backup else ""),
        )
