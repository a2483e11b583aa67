"""Whether the Python that runs this is one that a project asks for."""

import platform
import tomllib

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from shipit.engine.plan import Problem


def version_problem(pyproject: str | None, running: str = "", file: str = "pyproject.toml") -> Problem | None:
    """The problem with the text of a pyproject.toml whose requires-python leaves out the running Python.

    `file` is where it was read. A text that cannot be read is no problem here: what reads it later says more.
    """
    running = running or platform.python_version()
    try:
        project = tomllib.loads(pyproject or "").get("project", {})
        wanted = SpecifierSet(str(project.get("requires-python", "")))
    except (ValueError, AttributeError, InvalidSpecifier):
        return None
    if wanted.contains(running, prereleases=True):
        return None
    return Problem(
        "the project cannot be built or tried with the Python that runs shipit",
        f"{file}: requires-python is {wanted}, this is Python {running}",
        "run shipit with a Python that the project takes",
    )
