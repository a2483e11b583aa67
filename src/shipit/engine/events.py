"""What happens during a run, as values: the journal writes them down, output renders them."""

from msgspec import Struct

from shipit.engine.plan import Look, Problem


class RunStarted(Struct, frozen=True):
    """A run of a plan begins: it looks first, then runs what is absent."""

    title: str
    steps: tuple[tuple[str, str], ...]
    """name and summary of each step"""
    point_of_no_return: str | None


class Checked(Struct, frozen=True):
    """A pre-flight check was asked."""

    name: str
    summary: str
    problems: tuple[Problem, ...]

    @property
    def objections(self) -> tuple[Problem, ...]:
        """The problems that stop the run."""
        return tuple(one for one in self.problems if not one.is_warning)


class Warned(Struct, frozen=True):
    """What is allowed and must be seen; `name` is the check that says so."""

    name: str
    problem: Problem


class Looked(Struct, frozen=True, omit_defaults=True):
    """A step was asked whether its effect is there (preview and pre-flight)."""

    name: str
    summary: str
    look: Look
    argv: tuple[str, ...] = ()
    """the command that it would run, in a dry run"""


class StepStarted(Struct, frozen=True):
    """A step runs, because its effect is absent."""

    name: str
    summary: str
    number: int
    """from 1"""
    total: int


class Said(Struct, frozen=True):
    """One masked line of what the running step is doing."""

    name: str
    line: str


class StepSkipped(Struct, frozen=True):
    """Its effect was there already."""

    name: str
    summary: str
    look: Look
    number: int
    total: int


class StepDone(Struct, frozen=True):
    """A step ran, and its effect was seen afterwards."""

    name: str
    summary: str
    look: Look
    """what was seen after it ran"""
    seconds: float
    number: int
    total: int


class StepFailed(Struct, frozen=True):
    """A step failed; `what` is the reason in one sentence."""

    name: str
    summary: str
    what: str
    seconds: float


class PointOfNoReturnPassed(Struct, frozen=True):
    """From here there is only forward."""

    name: str


class RollingBack(Struct, frozen=True):
    """The effects before the point of no return are being undone, because of `why`."""

    why: str


class StepUndone(Struct, frozen=True):
    """The effect of a step was undone in a rollback."""

    name: str
    summary: str
    seconds: float


class RunFinished(Struct, frozen=True):
    """Every end of a run: `outcome` is `complete`, or the title of the class that owns the exit code."""

    outcome: str
    exit_code: int
    seconds: float


Event = (
    RunStarted
    | Checked
    | Warned
    | Looked
    | StepStarted
    | Said
    | StepSkipped
    | StepDone
    | StepFailed
    | PointOfNoReturnPassed
    | RollingBack
    | StepUndone
    | RunFinished
)
