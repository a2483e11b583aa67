"""What happens during a run, as values: the journal writes them down, show renders them."""

from dataclasses import dataclass

from shipit.plan import Look, Problem


@dataclass(frozen=True, slots=True)
class RunStarted:
    title: str
    steps: tuple[tuple[str, str], ...]
    """name and summary of each step"""
    turning_point: str | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A pre-flight check was asked."""

    name: str
    summary: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """A step was asked whether its effect is there (preview and pre-flight)."""

    name: str
    summary: str
    look: Look


@dataclass(frozen=True, slots=True)
class StepStarted:
    name: str
    summary: str
    number: int
    """from 1"""
    total: int


@dataclass(frozen=True, slots=True)
class Said:
    """One masked line of what the running step is doing."""

    name: str
    line: str


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """Its effect was there already."""

    name: str
    summary: str
    look: Look
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class StepDone:
    name: str
    summary: str
    look: Look
    """what was seen after it ran"""
    seconds: float
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class StepFailed:
    name: str
    summary: str
    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TurningPointPassed:
    """From here there is only forward."""

    name: str


@dataclass(frozen=True, slots=True)
class TakingBack:
    """The effects before the point of no return are being undone, because of `why`."""

    why: str


@dataclass(frozen=True, slots=True)
class StepUndone:
    name: str
    summary: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RunFinished:
    """`outcome` is the title of the exit code's class, or `complete`."""

    outcome: str
    exit_code: int
    seconds: float


Event = (
    RunStarted
    | Checked
    | Looked
    | StepStarted
    | Said
    | StepSkipped
    | StepDone
    | StepFailed
    | TurningPointPassed
    | TakingBack
    | StepUndone
    | RunFinished
)
