"""How a failed run ends: the class that owns the exit code, and the message."""

import traceback
from collections.abc import Sequence
from pathlib import Path

from shipit import disk
from shipit.errors import Interrupted, LeaseLost, LostRace, Refused, RolledBack, Stop, StoppedHalfway


def as_stop(bug: BaseException) -> Stop:
    """A bug in the words of every other way to stop, with the innermost places as evidence; a Stop as it is.

    What the file system refuses is no bug, wherever it is met.
    """
    if isinstance(bug, Stop):
        return bug
    if isinstance(bug, OSError) and disk.is_refusal(bug):
        return disk.unnamed_refusal(bug)
    frames = traceback.extract_tb(bug.__traceback__)[-3:]
    places = [f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
    return Stop(f"a bug in shipit: {type(bug).__name__}: {bug}", evidence=places, hint="please report it")


def forward(name: str, why: Stop, resume: str) -> Stop:
    """Past the point of no return: what failed in step `name`, and how to go on."""
    if isinstance(why, Interrupted):
        return Interrupted(f"interrupted at {name}, past the point of no return", hint=resume)
    hint = "; ".join(hint for hint in (why.hint, resume) if hint)
    return StoppedHalfway(f"{name}: {why.what}", where=why.where, evidence=why.evidence, hint=hint)


def backward(name: str, why: Stop, left: Sequence[str], again: str, *, touched: bool) -> Stop:
    """Before the point of no return: what failed in step `name`, and what is `left` after the rollback."""
    kind: type[Stop] = RolledBack if touched else Refused
    if isinstance(why, Interrupted | Refused | LostRace) or type(why) is Stop:
        kind = type(why)  # the last is a bug, and stays one
    elif isinstance(why, LeaseLost):
        kind = LostRace
    return kind(f"{name}: {why.what}", where=why.where, evidence=(*why.evidence, *left), hint=why.hint or again)


def held(name: str, why: Stop, left: Sequence[str], hint: str) -> Stop:
    """As `backward`, where the lock is not free: a person must see to it."""
    kind = type(why) if isinstance(why, Interrupted) or type(why) is Stop else StoppedHalfway
    return kind(f"{name}: {why.what}", where=why.where, evidence=(*why.evidence, *left), hint=hint)


def stuck(name: str, why: Stop, second: Stop) -> Stop:
    """The rollback stopped as well: what failed first comes first, then what it left behind."""
    interrupted = isinstance(why, Interrupted) and isinstance(second, LostRace)
    return (Interrupted if interrupted else type(second))(
        f"{name}: {why.what}",
        where=why.where,
        evidence=(*why.evidence, second.what, *second.evidence),
        hint=second.hint,
    )


def unknown(name: str, why: Stop, resume: str) -> Stop:
    """The answer of the point of no return was lost, and to ask again failed too."""
    return StoppedHalfway(
        f"{name}: cannot tell whether it happened: {why.what}",
        evidence=why.evidence,
        hint=f"{resume} once the other side answers",
    )
