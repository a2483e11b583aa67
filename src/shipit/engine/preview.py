"""Ask every check and every step of a plan before anything is touched."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from shipit.engine import events
from shipit.engine.plan import Commanding, Look, Plan, Problem, State, Step
from shipit.errors import LostRace, Refused, Stop

T = TypeVar("T")
Emit = Callable[[events.Event], None]
_OBJECTIONS = {State.CONFLICT: "conflict", State.UNKNOWN: "cannot be looked at"}


class Patch(Struct, frozen=True):
    """How a file changes; `diff` as `git apply` takes it, with `surrogateescape` where it is not UTF-8."""

    path: str
    diff: str


class Contents(Struct, frozen=True, kw_only=True):
    """What a plan publishes and commits: the notes in Markdown, and every file that its commit changes."""

    notes: str
    diffs: tuple[Patch, ...]


class Preview(Struct, frozen=True, kw_only=True):
    """What every check and every step answered, and what the plan is about; as Plan otherwise."""

    title: str
    checked: tuple[events.Checked, ...] = ()
    looked: tuple[events.Looked, ...] = ()
    point_of_no_return: str | None = None
    again: str = ""
    contents: Contents | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What keeps the plan from being carried out."""
        found = [problem for check in self.checked for problem in check.objections]
        found += [
            Problem(f"{one.name}: {_OBJECTIONS[one.look.state]}", one.look.evidence)
            for one in self.looked
            if one.look.state.objects
        ]
        return tuple(found)


def preview(plan: Plan, emit: Emit = lambda _: None) -> Preview:
    """Ask every check and every step; what fails in one is a problem among the others, not the end."""
    checked: list[events.Checked] = []
    looked: list[events.Looked] = []
    for check in plan.checks:
        problems = _answer(check.problems, lambda error: (_as_problem(error),))
        checked.append(events.Checked(check.name, check.summary, tuple(problems)))
        emit(checked[-1])
        for problem in problems:
            if problem.is_warning:
                emit(events.Warned(check.name, problem))
    for step in plan.all_steps:
        look = _answer(step.look, lambda error: Look(State.UNKNOWN, "; ".join((error.what, *error.evidence))))
        looked.append(events.Looked(step.name, step.summary, look))
        emit(looked[-1])
    return Preview(
        title=plan.title,
        checked=tuple(checked),
        looked=tuple(looked),
        point_of_no_return=plan.point_of_no_return,
        again=plan.hints.again,
    )


def page(plan: Plan, contents: Contents | None = None) -> Preview:
    """As preview, for those who look before they run it: with every step's command, and what the plan is about."""
    seen = preview(plan)
    pairs = zip(plan.all_steps, seen.looked, strict=True)
    looked = tuple(replace(one, argv=_argv(step)) for step, one in pairs)
    return replace(seen, looked=looked, contents=contents)


def _argv(step: Step) -> tuple[str, ...]:
    """The command of a step; none where it runs none, or cannot say it, such as without its login."""
    try:
        return tuple(step.argv()) if isinstance(step, Commanding) else ()
    except Stop:
        return ()


def refuse(seen: Preview, overtaken: Callable[[], str] | None = None) -> None:
    """Raise Refused with every problem of the preview, if there is any; LostRace if another run has overtaken."""
    if not seen.problems:
        return
    race = overtaken() if overtaken else ""
    lines = [line for problem in seen.problems for line in (problem.what, *_indented(problem.evidence))]
    hints = [problem.hint for problem in seen.problems if problem.hint]
    count = len(seen.problems)
    if race:
        raise LostRace(race, evidence=lines, hint="shipit status says where things stand")
    raise Refused(
        f"{seen.title}: {count} problem{'s' if count > 1 else ''} found before anything was touched",
        evidence=lines,
        hint="; ".join(dict.fromkeys(hints)) or seen.again,
    )


def _answer(question: Callable[[], T], otherwise: Callable[[Stop], T]) -> T:
    try:
        return question()
    except Stop as error:
        return otherwise(error)


def _as_problem(error: Stop) -> Problem:
    return Problem(error.what, "\n".join(error.evidence), error.hint or "")


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]
