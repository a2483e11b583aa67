"""Licences: what packages declare, read as SPDX, and pip-licenses' report of them."""

from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.scanners.licenses import UNKNOWN, Declared, decide
from shipit.adapters.scanners.pip_licenses import Row, argv, findings, read
from shipit.adapters.scanners.running import Unreadable
from shipit.scans.model import Finding, Severity
from tests.unit.adapters.scanners.conftest import ended

ALLOWED = ("MIT", "BSD-3-Clause", "Apache-2.0")


def declared(expression: str = "UNKNOWN", *classifiers: str, text: str = "UNKNOWN") -> Declared:
    return Declared(expression=expression, classifiers=classifiers or ("UNKNOWN",), text=text)


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "mit",
        "MIT OR GPL-3.0-only",
        "MIT AND (Apache-2.0 OR LGPL-2.1-only)",
        "Apache-2.0 WITH LLVM-exception",
    ],
)
def test_an_expression_is_allowed_by_its_parts(expression: str) -> None:
    assert decide(declared(expression), ALLOWED).allowed


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("GPL-3.0-only", "GPL-3.0-only"),
        ("MIT AND GPL-3.0-only", "MIT AND GPL-3.0-only"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("LicenseRef-mine", "LicenseRef-mine"),
        ("No-Such-Licence", UNKNOWN),
        ("MIT AND", UNKNOWN),
    ],
)
def test_others_are_refused_by_name_or_unknown(expression: str, name: str) -> None:
    found = decide(declared(expression), ALLOWED)
    assert (found.name, found.allowed) == (name, False)


def test_a_whole_expression_with_its_exception_can_be_allowed() -> None:
    expression = "GPL-2.0-only WITH Classpath-exception-2.0"
    assert not decide(declared(expression), ALLOWED).allowed
    assert decide(declared(expression), (expression,)).allowed


def test_fact_18_a_classifier_and_an_spdx_name_are_one_licence() -> None:
    assert decide(declared("UNKNOWN", "MIT License"), ALLOWED).allowed
    assert decide(declared("MIT"), ALLOWED).allowed


@pytest.mark.parametrize("text", ["MIT", "Apache License, Version 2.0", "BSD-3-Clause", "MIT License"])
def test_a_text_is_read_where_it_is_a_licences_name(text: str) -> None:
    assert decide(declared(text=text), ALLOWED).allowed


def test_the_text_says_more_than_a_classifier_that_may_be_two_licences() -> None:
    assert decide(declared("UNKNOWN", "BSD License", text="BSD-3-Clause"), ALLOWED).allowed
    assert not decide(declared("UNKNOWN", "BSD License"), ALLOWED).allowed
    assert decide(declared("UNKNOWN", "BSD License"), (*ALLOWED, "BSD-2-Clause")).allowed


def test_of_several_classifiers_all_must_be_allowed() -> None:
    gpl = "GNU General Public License v3 (GPLv3)"
    assert not decide(declared("UNKNOWN", "MIT License", gpl), ALLOWED).allowed


@pytest.mark.parametrize("text", ["", "UNKNOWN", "Copyright by somebody", "MIT " * 200])
def test_what_nobody_can_tell_is_unknown(text: str) -> None:
    assert decide(declared(text=text), ALLOWED).name == UNKNOWN


def row(name: str, expression: str, text: str = "UNKNOWN") -> dict[str, str]:
    """As pip-licenses 5.5.5 writes it with --from all."""
    return {
        "License-Classifier": "UNKNOWN",
        "License-Expression": expression,
        "License-Metadata": text,
        "Name": name,
        "Version": "1.0",
    }


def test_pip_licenses_is_given_no_policy() -> None:
    assert argv(Path("/p")) == (
        "pip-licenses", "--python", "/p", "--from", "all", "--with-system", "--format", "json",
    )  # fmt: skip


def test_a_refused_licence_is_graver_than_an_unknown_one() -> None:
    rows = read(
        ended([row("Good_One", "MIT"), row("bad", "GPL-3.0-only"), row("odd", "UNKNOWN", "mine\nall mine")])
    )
    assert findings(rows["good-one"], ALLOWED) == ()
    assert findings(rows["bad"], ALLOWED) == (
        Finding(
            rule="GPL-3.0-only", severity=Severity.HIGH, package="bad", version="1.0", aliases=("bad",),
            title="bad is under GPL-3.0-only, which is not among the allowed licences",
        ),
    )  # fmt: skip
    odd = findings(rows["odd"], ALLOWED)[0]
    assert (odd.rule, odd.severity) == ("unknown", Severity.MEDIUM)
    assert odd.title == "the licence of odd is unknown: it says `mine`"
    assert (
        findings(Row(name="no", version="1", declared=declared()), ALLOWED)[0].title
        == "the licence of no is unknown: it says none"
    )


@pytest.mark.parametrize("output", [b"", b"null", [1], [{}], {"a": 1}])
def test_output_of_another_shape_is_no_report(output: Any) -> None:
    with pytest.raises(Unreadable):
        read(ended(output))
