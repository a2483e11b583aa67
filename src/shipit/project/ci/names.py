"""The names under which the checks of a job are shown: the matrix is spread out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from msgspec import Struct

from shipit.project.ci.document import Node
from shipit.project.ci.workflow import Job, Workflow

Cell = dict[str, str]
_MOST_JOBS = 256
"""of one matrix, https://docs.github.com/actions/reference/limits"""
_DEEPEST = 4
_MOST_CHECKS = 1000
_AXIS = re.compile(r"\$\{\{\s*matrix\.([\w.-]+)\s*\}\}")


class Shown(Struct, frozen=True):
    """A check by its name, and the jobs that it comes from: the last one is in a workflow that the others call."""

    name: str
    jobs: Sequence[Job]


def shown(workflow: Workflow, others: Mapping[str, Workflow], depth: int = 0) -> Iterator[Shown]:
    """Every check of a workflow; one whose name is only known when it runs is left out."""
    inside: dict[str, list[Shown]] = {}  # of each workflow that is called, however often that is
    for job in workflow.jobs:
        names = [name for name in _names(job) if "${{" not in name]
        if not job.uses:
            yield from (Shown(name, [job]) for name in names)
            continue
        path = job.uses.removeprefix("./")
        if path not in inside and path in others and depth < _DEEPEST:
            inside[path] = list(islice(shown(others[path], others, depth + 1), _MOST_CHECKS))
        yield from (
            Shown(f"{name} / {one.name}", [job, *one.jobs]) for name in names for one in inside.get(path, ())
        )


def _names(job: Job) -> Iterator[str]:
    name, matrix = job.node.get("name").text or job.key, job.node.get("strategy", "matrix")
    if matrix.text or any(node.text for node in matrix.table.values()):
        return  # an expression: known when it runs
    cells = _cells(matrix)
    if not cells:
        yield name
    for cell in cells:
        filled = _AXIS.sub(lambda found, cell=cell: cell.get(found[1], ""), name)  # type: ignore[misc]
        yield filled if filled != name else f"{name} ({', '.join(filter(None, cell.values()))})"


def _cells(matrix: Node) -> list[Cell]:
    """What GitHub makes of axes, exclude and include."""
    axes = {key: _values(node) for key, node in matrix.table.items() if key not in {"include", "exclude"}}
    spread = islice(product(*axes.values()), _MOST_JOBS) if axes else ()
    cells = [dict(zip(axes, values, strict=True)) for values in spread]
    excluded = _tables(matrix.get("exclude"))
    cells = [cell for cell in cells if not any(one.items() <= cell.items() for one in excluded)]
    grown = [dict(cell) for cell in cells]
    for extra in _tables(matrix.get("include")):
        own = {key: value for key, value in extra.items() if key in axes}
        fitting = [one for cell, one in zip(cells, grown, strict=False) if own.items() <= cell.items()]
        for one in fitting:
            one.update(extra)
        if not fitting:
            grown.append(extra)
    return grown


def _values(axis: Node) -> list[str]:
    return [one.text for one in axis.value] if isinstance(axis.value, tuple) else []


def _tables(node: Node) -> list[Cell]:
    value = node.value if isinstance(node.value, tuple) else ()
    return [{key: inner.text for key, inner in one.table.items()} for one in value[:_MOST_JOBS]]
