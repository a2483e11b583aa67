"""The baseline of a tree, and the text of the lines that findings are on."""

from collections import Counter
from pathlib import Path

from shipit.errors import UsageError
from shipit.scans.baseline import Baseline, decode
from shipit.scans.model import Finding

_WHERE = "[tool.shipit.security] baseline"


def known_findings(tree: Path, path: str) -> Baseline:
    """What stands in the baseline; nothing where none is configured or written yet. Raises UsageError."""
    if not path:
        return Counter()
    try:
        return decode((tree / path).read_bytes())
    except FileNotFoundError:
        return Counter()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", where=_WHERE) from None
    except ValueError as error:
        hint = "take it from git again, or write it anew with --write-baseline once it is removed"
        raise UsageError(f"{path} is no baseline", where=_WHERE, evidence=[str(error)], hint=hint) from None


def text_of(tree: Path, tracked: frozenset[str], finding: Finding) -> str:
    """The text of a finding's line; empty without one, and for a file that is not tracked."""
    if not finding.line or finding.path not in tracked:
        return ""
    try:
        lines = (tree / finding.path).read_bytes().splitlines()
    except OSError:
        return ""
    found = lines[finding.line - 1] if finding.line <= len(lines) else b""
    return found.decode("utf-8", "surrogateescape")
