"""The time that a release and its notes are dated with, which SOURCE_DATE_EPOCH can fix."""

import re
import time
from collections.abc import Mapping

from shipit.errors import UsageError

VARIABLE = "SOURCE_DATE_EPOCH"
_END_OF_9999 = 253_402_300_799  # the last second that a date with four digits for the year can show


def now(environment: Mapping[str, str]) -> int:
    """Seconds since the epoch: those of SOURCE_DATE_EPOCH, or of the clock where it is not set or empty.

    Raises UsageError if the variable is not a whole number, negative, or later than the year 9999.
    """
    fixed = environment.get(VARIABLE, "")
    if not fixed:
        return int(time.time())
    if re.fullmatch(r"[0-9]{1,12}", fixed) and int(fixed) <= _END_OF_9999:
        return int(fixed)
    raise UsageError(
        f"{VARIABLE} is not a whole number of seconds since 1970",
        where="the environment",
        evidence=[f"{VARIABLE}={fixed}"],
        hint=f"set it to a number, for example with `export {VARIABLE}=$(git log -1 --format=%ct)`, or unset it",
    )
