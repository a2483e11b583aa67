"""A forge lists deployments for those who look there: a copy of the ledger, which decides and delays nothing."""

import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from shipit.deploy.ledger import Ledger
from shipit.deploy.model import COMPLETE, Decision
from shipit.deploy.ports import Board
from shipit.engine.ending import as_stop
from shipit.errors import (
    Denied,
    Interrupted,
    LostRace,
    Stop,
    StoppedHalfway,
    Unavailable,
    UsageError,
)
from shipit.masking import mask
from shipit.model import DeploymentStatus, ForgeDeployment, NewDeployment
from shipit.notification.ending import outcome_of

MOST = 10
"""of the newest ones in the list, whose states are looked at"""
BUDGET = 15.0
"""seconds for all that is asked at the begin, and again at the end"""
LONGEST = 140
"""characters of a description"""
_WEB = frozenset({"http", "https"})
_UNDER_WAY = frozenset({"", "queued", "pending", "in_progress"})
_STATES = {
    COMPLETE: "success",
    StoppedHalfway.title: "error",
    Interrupted.title: "error",
}
"""of outcomes; all others are failures"""
_SILENT = "its run ended without a word, and another one went on"


class Mirror:
    """What one run writes into the list; it raises nothing but signals, and keeps in `lost` what went wrong.

    `board` makes the list when it is first needed, None: there is none. `page` is that of the CI run, `address` a
    public one of the environment; both may be empty.
    """

    def __init__(
        self,
        board: Callable[[], Board | None],
        ledger: Ledger,
        page: str,
        address: str,
        *,
        is_production: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._board = board
        self._ledger = ledger
        self._page = page if _origin(page) else ""
        self._address = _origin(address)
        self._is_production = is_production
        self._clock = clock
        self._deadline = 0.0
        self._number: int | None = None
        self._stands: Sequence[ForgeDeployment] = ()
        """those that count as active in the list"""
        self.lost = ""

    def begin(self, decision: Decision) -> None:
        """List it; to be called once the lock is held, since then every other run there has ended."""
        self._try(lambda board: self._begin(board, decision))

    def end(self, why: Stop | None) -> None:
        """Say how it ended, if it ever began; None: it is complete. Who took it over says so itself."""
        number = self._number
        if number is not None and not isinstance(why, LostRace):
            self._try(lambda board: self._end(board, number, why))

    def heal(self) -> None:
        """Say what became of runs that could not say it themselves; to be called where nothing is under way."""
        self._try(self._heal_all)

    def _begin(self, board: Board, decision: Decision) -> None:
        known = board.deployments(decision.environment, MOST)
        ours = next((one.number for one in known if one.run == decision.run), None)
        self._stands = self._heal(board, [one for one in known if one.number != ours])
        number = board.list_deployment(self._wanted(decision)) if ours is None else ours
        self._require_time()
        self._number = number
        board.report_deployment(number, self._status("in_progress", f"{decision.revision} is under way"))

    def _end(self, board: Board, number: int, why: Stop | None) -> None:
        outcome = outcome_of(why)
        text = f"{outcome}: {why.what}" if why else outcome
        board.report_deployment(number, self._status(_STATES.get(outcome, "failure"), text))
        if why is None:
            self._replace(board, self._stands)

    def _heal_all(self, board: Board) -> None:
        """Only what the ledger knows the end of: meanwhile somebody may begin."""
        known, outcomes = board.deployments(self._ledger.environment, MOST), self._outcomes()
        over = [one for one in known if one.run in outcomes or one.state not in _UNDER_WAY]
        self._replace(board, self._heal(board, over)[1:])

    def _heal(self, board: Board, known: Sequence[ForgeDeployment]) -> Sequence[ForgeDeployment]:
        """Bring those up to date whose run ended and could not say so; returns what stands then, newest first."""
        outcomes = self._outcomes() if any(one.state in _UNDER_WAY for one in known) else {}
        stands = []
        for one in known:
            outcome, state = outcomes.get(one.run, ""), one.state
            if state in _UNDER_WAY:
                self._require_time()
                state = _STATES.get(outcome, "failure") if outcome else "error"
                board.report_deployment(one.number, self._status(state, outcome or _SILENT))
            if state == "success":
                stands.append(one)
        return stands

    def _replace(self, board: Board, stood: Sequence[ForgeDeployment]) -> None:
        for one in stood:
            self._require_time()
            board.report_deployment(one.number, DeploymentStatus(state="inactive", description="replaced"))

    def _outcomes(self) -> Mapping[str, str]:
        """How the last runs ended, by the ledger."""
        entries = zip(range(5 * MOST), self._ledger.entries(), strict=False)
        return {entry.decision.run: entry.outcome for _, entry in entries}

    def _wanted(self, decision: Decision) -> NewDeployment:
        return NewDeployment(
            run=decision.run,
            environment=decision.environment,
            revision=decision.revision,
            task="rollback" if decision.is_rollback else "deploy",
            description=_short(str(decision.revision)),
            is_production=self._is_production,
        )

    def _status(self, state: str, text: str) -> DeploymentStatus:
        return DeploymentStatus(
            state=state,
            description=_short(text),
            log_url=self._page,
            environment_url=self._address,
        )

    def _try(self, act: Callable[[Board], None]) -> None:
        """Do it within the budget; the first failure is kept, and nothing more is asked in this phase."""
        self._deadline = self._clock() + BUDGET
        try:
            board = self._board()
            if board is not None:
                act(board)
        except Exception as error:  # noqa: BLE001 - a copy: whatever is wrong with it changes nothing
            self.lost = self.lost or _sentence(as_stop(error))

    def _require_time(self) -> None:
        if self._clock() > self._deadline:
            raise Unavailable(f"it takes longer than {BUDGET:.0f} s")


def _short(text: str) -> str:
    """One masked line that is not too long."""
    line = " ".join(mask(text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _origin(url: str) -> str:
    """Scheme and host of a web address; empty for what is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in _WEB and parts.netloc else ""


def _sentence(why: Stop) -> str:
    hint = f" ({why.hint})" if isinstance(why, Denied | UsageError) and why.hint else ""
    return mask(f"{why.what}{hint}")
