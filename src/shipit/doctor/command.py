"""shipit doctor: the tools and secrets that a project needs, and which of them are here."""

import difflib

from shipit.doctor.needs import needs
from shipit.doctor.outside import Outside
from shipit.doctor.page import Findings
from shipit.doctor.rows import rows
from shipit.doctor.secrets import secrets
from shipit.errors import Refused, UsageError


def look(outside: Outside, environment: str = "") -> Findings:
    """Look for everything at once; raises UsageError for an environment that the configuration does not know."""
    _require(environment, outside)
    around = outside.surroundings
    wanted = needs(outside.config, around, environment)
    return Findings(
        rows=rows(outside.look_at(wanted), outside.tools),
        secrets=secrets(outside.entries, around, outside.tools, environment),
        environment=environment,
    )


def require(findings: Findings) -> None:
    """Raise Refused if something that is required is not there."""
    if findings.lacking:
        raise Refused(
            f"what this project needs is not all here: {', '.join(findings.lacking)}",
            hint="get what is missing, then run shipit doctor again",
        )


def _require(environment: str, outside: Outside) -> None:
    known = outside.config.environments
    if not environment or environment in known:
        return
    near = difflib.get_close_matches(environment, known, 1)
    raise UsageError(
        f"there is no environment {environment}",
        where="[tool.shipit.environments]",
        evidence=[f"known: {', '.join(known) or 'none'}"],
        hint=f"--env {near[0]}" if near else None,
    )
