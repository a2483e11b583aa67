"""[tool.shipit.workflows]: what the workflows of the repository are made from, beside the other tables."""

from typing import Annotated, Literal

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import text

PythonVersion = Annotated[str, text(r"3\.\d{1,2}", "a version of Python such as 3.12")]
_FIELD = r"[0-9A-Za-z*,/-]+"
Schedule = Annotated[str, text(rf"{_FIELD}(?: {_FIELD}){{4}}", "five fields of cron, such as 17 4 * * 1, in UTC")]


class Workflows(Section, frozen=True):
    """What the workflows of the repository are made from, and compared with."""

    pythons: Annotated[
        tuple[PythonVersion, ...],
        Meta(min_length=1, description="versions of Python that the tests run on; the first one does the rest"),
    ] = ("3.11", "3.12")
    tests: Annotated[
        Literal["all", "unit"], Meta(description="which tests run there; unit: `shipit verify tests --unit`")
    ] = "all"
    security_schedule: Annotated[
        Schedule, Meta(description="when the scans run without a commit: cron, in UTC")
    ] = "17 4 * * 1"
