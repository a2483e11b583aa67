"""A small project with one thing for each scanner to find; written when asked for, so that none finds it here."""

from collections.abc import Mapping
from pathlib import Path

WORD = "-".join(("sword" + "fish", *["in", "a", "teapot"]))
"""What stands in for a secret: no format in use, and in one piece only in the sample."""

PYPROJECT = '[project]\nname = "seeded"\nversion = "1.0.0"\ndependencies = ["flask>=1", "gnuish"]\n'

PACKAGES = {
    "seeded": {"Version": "1.0.0"},
    "flask": {"Version": "1.2.4", "License-Expression": "BSD-3-Clause"},
    "gnuish": {"Version": "2.0", "License-Expression": "GPL-3.0-only"},
    "nobodys": {"Version": "0.1"},
    "mitish": {"Version": "3.0", "Classifier": "License :: OSI Approved :: MIT License"},
}
"""Made-up packages that seem to be installed: one with an advisory, one under a refused licence, one under none."""

VULNERABLE = {"flask": "1.2.5", "django": "3.2"}
"""Packages with an advisory and the version without it; django is pip-audit's canary."""

LOCK = """\
{"name": "seeded", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {
 "": {"name": "seeded", "version": "1.0.0", "dependencies": {"ms": "2.1.3"}},
 "node_modules/ms": {"version": "2.1.3", "license": "MIT"}}}
"""


def files() -> dict[str, str]:
    """The files of the sample; findings are on the lines that say so."""
    call = "subprocess.call(command, shell=True)"
    return {
        "pyproject.toml": PYPROJECT,
        "seeded/__init__.py": "",
        "seeded/shell tools.py": f"import subprocess\n\n\ndef run(command):\n    {call}  # finding\n",
        "seeded/login.py": f'password = "{WORD}"\n',
        "tests/test_sql.py": 'def test(db, name):\n    db.execute(f"select {name}")  # finding\n',
        "vendor/sql.py": 'def old(db, name):\n    db.execute("select " + name)\n',
        "vendor/accepted.py": 'def old(db, name):\n    db.execute(f"select {name}")  # nosemgrep # nosec\n',
        "web/index.js": "element.innerHTML = `<b>${name}</b>`  // finding\n",
        "web/package.json": '{"name": "seeded", "version": "1.0.0", "dependencies": {"ms": "2.1.3"}}\n',
        "web/package-lock.json": LOCK,
    }


def plant(tree: Path, chosen: Mapping[str, str]) -> tuple[str, ...]:
    """Write files into a folder, and return their names as git would."""
    for name, text in chosen.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, "utf-8")
    return tuple(sorted(chosen))
