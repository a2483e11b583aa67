"""Workflows, jobs and steps as lines of YAML."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from shipit.project.workflows.pins import pinned

Lines = Sequence[str]
HOSTED = "ubuntu-24.04"
NOTHING: Mapping[str, str] = {}


class Job(Struct, frozen=True, kw_only=True):
    """One job; `timeout` in minutes, `matrix` the values of its one axis, `steps` each as lines."""

    name: str
    timeout: int
    steps: Sequence[Lines]
    runs_on: str = HOSTED
    condition: str = ""
    needs: Sequence[str] = ()
    permissions: Mapping[str, str] = NOTHING
    environment: str = ""
    group: str = ""
    matrix: tuple[str, Sequence[str]] | None = None


class Workflow(Struct, frozen=True, kw_only=True):
    """One workflow; `on` are the lines below `on:`, `group` its concurrency.

    `cancels`: a new commit of a pull request ends the run of the one before.
    """

    name: str
    on: Lines
    jobs: Sequence[Job]
    permissions: Mapping[str, str]
    group: str = ""
    cancels: bool = False


def written(workflow: Workflow) -> str:
    """The whole file."""
    lines = [f"name: {workflow.name}", "", "on:", *indented(workflow.on), ""]
    lines += table("permissions", workflow.permissions)
    if workflow.group:
        lines += ["", *_concurrency(workflow.group, cancels=workflow.cancels)]
    lines += ["", "jobs:"]
    for number, job in enumerate(workflow.jobs):
        lines += [*([""] if number else []), *indented(_job(job))]
    return "\n".join(lines) + "\n"


def indented(lines: Iterable[str], by: int = 2) -> list[str]:
    """The lines further to the right; empty ones stay empty."""
    return [" " * by + line if line else line for line in lines]


def table(key: str, values: Mapping[str, str]) -> list[str]:
    """A key and the pairs below it; nothing for no pairs."""
    return [f"{key}:", *indented(f"{name}: {value}" for name, value in values.items())] if values else []


def uses(action: str, inputs: Mapping[str, str] = NOTHING, *, extra: Lines = ()) -> Lines:
    """A step that uses a pinned action; `extra` are further keys."""
    return _step([f"uses: {pinned(action)}", *extra, *table("with", inputs)])


def local(name: str, inputs: Mapping[str, str] = NOTHING) -> Lines:
    """A step that uses an action of the repository itself."""
    return _step([f"uses: ./.github/actions/{name}", *table("with", inputs)])


def call(line: str, env: Mapping[str, str] = NOTHING, *, condition: str = "") -> Lines:
    """A step that runs shipit."""
    return _step([*([f"if: {condition}"] if condition else []), f"run: {line}", *table("env", env)])


def quoted(values: Iterable[str]) -> str:
    """A list in brackets; numbers stay texts."""
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _step(lines: Lines) -> Lines:
    first, *rest = lines
    return [f"- {first}", *indented(rest)]


def _concurrency(group: str, *, cancels: bool) -> Iterator[str]:
    yield "concurrency:"
    yield f"  group: {group}"
    if cancels:
        yield "  cancel-in-progress: ${{ github.event_name == 'pull_request' }}"
    else:
        yield "  cancel-in-progress: false # what is cancelled half-way has to be taken up again"


def _job(job: Job) -> Iterator[str]:
    yield f"{job.name}:"
    yield from indented(_job_keys(job))
    yield "  steps:"
    for step in job.steps:
        yield from indented(step, 4)


def _job_keys(job: Job) -> Iterator[str]:
    if job.needs:
        yield f"needs: [{', '.join(job.needs)}]"
    if job.condition:
        yield f"if: {job.condition}"
    yield f"runs-on: {job.runs_on}"
    if job.environment:
        yield f"environment: {job.environment}"
    yield from table("permissions", job.permissions)
    if job.group:
        yield from _concurrency(job.group, cancels=False)
    yield f"timeout-minutes: {job.timeout}"
    if job.matrix:
        axis, values = job.matrix
        yield from ("strategy:", "  fail-fast: false", "  matrix:", f"    {axis}: {quoted(values)}")
