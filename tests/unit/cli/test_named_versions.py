"""--as, --reason, --type and --pre on the command line."""

import pytest

from shipit.cli.options import Kind, Pre, refuse_both
from shipit.errors import UsageError


@pytest.mark.parametrize(("kind", "pre"), [(Kind.MAJOR, None), (Kind.AUTO, Pre.RC)])
def test_a_version_is_named_or_asked_for_not_both(kind: Kind, pre: Pre | None) -> None:
    refuse_both(kind, pre, None)
    with pytest.raises(UsageError, match="--as names the whole version"):
        refuse_both(kind, pre, "2.0.0")


def test_a_named_version_alone_is_fine() -> None:
    refuse_both(Kind.AUTO, None, "2.0.0")
