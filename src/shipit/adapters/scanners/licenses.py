"""Licences as packages declare them, read as SPDX expressions and held against those that are allowed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from license_expression import Licensing

UNKNOWN = "unknown"
"""The rule of a finding whose licence nobody can tell."""

_NONE = "UNKNOWN"  # as pip-licenses writes it
_BSD = "BSD-2-Clause AND BSD-3-Clause"  # "BSD License" may be either
_SPELLINGS: Mapping[str, str] = {
    "academic free license (afl)": "AFL-3.0",
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0",
    "boost software license 1.0 (bsl-1.0)": "BSL-1.0",
    "bsd": _BSD,
    "bsd license": _BSD,
    "bsd 2-clause": "BSD-2-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "new bsd license": "BSD-3-Clause",
    "modified bsd license": "BSD-3-Clause",
    "simplified bsd license": "BSD-2-Clause",
    "cc0 1.0 universal (cc0 1.0) public domain dedication": "CC0-1.0",
    "eclipse public license 2.0 (epl-2.0)": "EPL-2.0",
    "gnu affero general public license v3": "AGPL-3.0-only",
    "gnu affero general public license v3 or later (agplv3+)": "AGPL-3.0-or-later",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "gnu lesser general public license v2 (lgplv2)": "LGPL-2.0-only",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.0-or-later",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "gnu lesser general public license v3 or later (lgplv3+)": "LGPL-3.0-or-later",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "the mit license": "MIT",
    "the mit license (mit)": "MIT",
    "mit no attribution license (mit-0)": "MIT-0",
    "mozilla public license 1.1 (mpl 1.1)": "MPL-1.1",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "mpl 2.0": "MPL-2.0",
    "psf": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
    "universal permissive license (upl)": "UPL-1.0",
    "zlib/libpng license": "Zlib",
    "zope public license": "ZPL-2.1",
}
"""Classifiers, and what people write in their place, in small letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a package says of its licence: an SPDX expression, its classifiers, and a text."""

    expression: str
    classifiers: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a licence is allowed; `name` is its SPDX expression, or UNKNOWN."""

    name: str
    allowed: bool


@cache
def _spdx() -> "Licensing":
    from license_expression import get_spdx_licensing  # noqa: PLC0415 - a fifth of a second of CPU

    return get_spdx_licensing()


def decide(declared: Declared, allowed: Sequence[str]) -> Decision:
    """Find out the licence from what is most exact, and whether one may use the package under it."""
    tree = _tree(declared)
    if tree is None:
        return Decision(UNKNOWN, allowed=False)
    return Decision(str(tree), allowed=_allows(tree, frozenset(map(_canonical, allowed))))


def _canonical(name: str) -> str:
    return str(_parsed(name) or name).casefold()


def _tree(declared: Declared) -> Any:
    """Read the expression, else the text if it is one, else all classifiers together, else a known spelling."""
    if (tree := _parsed(declared.expression)) is not None:
        return tree
    if _is_given(declared.expression):
        return None
    if (tree := _parsed(declared.text)) is not None:
        return tree
    names = [_SPELLINGS.get(one.casefold(), one) for one in declared.classifiers if _is_given(one)]
    if names and (tree := _parsed(" AND ".join(f"({name})" for name in names))) is not None:
        return tree
    return _parsed(_SPELLINGS.get(declared.text.strip().casefold(), ""))


def _is_given(text: str) -> bool:
    return bool(text.strip()) and text.strip() != _NONE


def _parsed(text: str) -> Any:
    """Read an SPDX expression; None unless every name in it is one of SPDX, or the packager's own LicenseRef."""
    from license_expression import ExpressionError  # noqa: PLC0415 - as above

    if not _is_given(text) or len(text) > 500:
        return None
    try:
        tree = _spdx().parse(text)
        strange = [key for key in _spdx().unknown_license_keys(tree) if not key.startswith("LicenseRef-")]
    except (ExpressionError, ValueError, TypeError, AttributeError):
        return None
    return None if tree is None or strange else tree


def _allows(node: Any, allowed: frozenset[str]) -> bool:
    """OR allows what one side allows, AND what all allow; an exception only widens what its licence allows."""
    if str(node).casefold() in allowed:
        return True
    if isinstance(node, _spdx().OR):
        return any(_allows(one, allowed) for one in node.args)
    if isinstance(node, _spdx().AND):
        return all(_allows(one, allowed) for one in node.args)
    base = getattr(node, "license_symbol", None)
    return base is not None and str(base.key).casefold() in allowed
