"""Programs that behave as trivy and trufflehog do, for machines on which these cannot be installed.

Each is a small script; `more` runs before it prints, and can change what it would print. They keep the habits that
make a scan end green without having looked: files in the current folder and variables that leave findings out,
silence, exit code 0. What they print has the shape that the tools' own sources give it.
"""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DIGEST = f"sha256:{'d' * 64}"

TRIVY = """#!{python}
import datetime, json, os, pathlib, sys

words = sys.argv[1:]
here = pathlib.Path(__file__).parent
images = json.loads((here / "images.json").read_text())
age = images.get("database age", 0)
with open(here / "trivy.log", "a") as log:
    print(json.dumps([words, sorted(name for name in os.environ if name.startswith("TRIVY_"))]), file=log)
folder = pathlib.Path(os.environ.get("DOCKER_CONFIG", "nowhere"))
if (folder / "config.json").exists():
    auths = json.loads((folder / "config.json").read_text())["auths"]
    with open(here / "logins.log", "a") as log:
        print(json.dumps([words[0], words[-1], str(folder), oct(folder.stat().st_mode & 0o777), auths]), file=log)


def end(stderr, code=1):
    if "--quiet" not in words:  # hides errors too
        print(stderr, file=sys.stderr)
    sys.exit(code)


def vulnerability(name, package, version, **more):
    return {{"VulnerabilityID": name, "PkgName": package, "InstalledVersion": version, "Severity": "HIGH", **more}}


def narrowed(found):
    if os.path.exists(".trivyignore") or os.path.exists("trivy.yaml") or "TRIVY_SKIP_FILES" in os.environ:
        return []
    return found


made = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=age)
database = {{"Version": 2, "UpdatedAt": made.strftime("%Y-%m-%dT%H:%M:%S.123456789Z")}}
report = {{"SchemaVersion": 2, "Metadata": {{}}, "ArtifactName": words[-1]}}
if words[0] == "version":
    report = {{"Version": "0.72.0", "VulnerabilityDB": database}}
elif words[0] == "fs":
    listed = (pathlib.Path(words[-1]) / "requirements.txt").read_text().split("==")
    found = narrowed([vulnerability("CVE-2010-4534", listed[0], listed[1].strip())])
    report["ArtifactType"] = "filesystem"
    report["Results"] = [{{"Target": "r", "Class": "lang-pkgs", "Packages": [{{}}], "Vulnerabilities": found}}]
elif words[-1] not in images:
    end("FATAL\\tunable to find the specified image: remote error: MANIFEST_UNKNOWN: manifest unknown")
else:
    known = images[words[-1]]
    report["ArtifactType"] = "container_image"
    report["Metadata"] = {{"OS": {{"Family": "alpine", "Name": "3.22.1"}}, "RepoDigests": ["r@" + known["digest"]]}}
    found = narrowed([vulnerability(*one) for one in known["vulnerabilities"]])
    packages = [{{"Name": "musl", "Version": "1.2.5"}}]
    report["Results"] = [{{"Target": "t", "Class": "os-pkgs", "Packages": packages, "Vulnerabilities": found}}]
{more}
print(json.dumps(report))
"""

TRUFFLEHOG = """#!{python}
import json, os, re, subprocess, sys, urllib.parse

words = sys.argv[1:]
secret = re.compile(r"https://\\w+:([\\w-]+)@[\\w.]+/\\w+")
found, said = [], []


def look(text, kind, **place):
    for number, line in enumerate(text.splitlines(), 1):
        for match in secret.finditer(line):
            works = "--no-verification" not in words and ".works." in match[0]
            where = {{"SourceMetadata": {{"Data": {{kind: {{**place, "line": number}}}}}}, "DetectorName": "URI"}}
            found.append({{**where, "Verified": works, "Raw": match[0], "RawV2": match[0], "Redacted": match[0]}})


files = [word for word in words[1:] if not word.startswith("--")]
chunks = 0
if words[0] == "filesystem":
    for file in files:
        chunks += 1
        said.append({{"level": "info-3", "msg": "scanning file", "path": os.path.normpath(file)}})
        look(open(file, encoding="utf-8").read(), "Filesystem", file=os.path.normpath(file))
elif os.environ.get("PRE_COMMIT") != "1":  # in a hook it looks at what is staged alone
    top = urllib.parse.unquote(files[-1]).removeprefix("file://")
    git = ["{git}", "-C", top, "log", "--all", "-p", "-U0", "--format=commit %H"]
    log = subprocess.run(git, capture_output=True, text=True, check=True).stdout
    commit = file = ""
    for line in log.splitlines():
        if line.startswith("commit "):
            commit = line.split()[1]
            chunks += 1
        elif line.startswith("+++ b/"):
            file = line[6:]
        elif line.startswith("+"):
            look(line[1:], "Git", commit=commit, file=file)
{more}
for one in found:
    print(json.dumps(one))
for line in said:
    print(json.dumps(line), file=sys.stderr)
counted = {{"verified_secrets": sum(one["Verified"] for one in found)}}
counted["unverified_secrets"] = len(found) - counted["verified_secrets"]
last = {{"level": "info-0", "msg": "finished scanning", "chunks": chunks, "trufflehog_version": "3.95.0"}}
print(json.dumps({{**last, **counted}}), file=sys.stderr)
"""


def install_trivy(folder: Path, images: Mapping[str, Any] | None = None, more: str = "") -> Path:
    """Write trivy into a folder; `images` are what its registry has, and `database age` in days."""
    (folder / "images.json").write_text(json.dumps(images or {}))
    return _install(folder / "trivy", TRIVY, more)


def image(*vulnerabilities: tuple[str, str, str]) -> dict[str, Any]:
    """An image in the registry of the fake, with these: advisory, package, version."""
    return {"digest": DIGEST, "vulnerabilities": vulnerabilities}


def install_trufflehog(folder: Path, more: str = "") -> Path:
    """Write trufflehog into a folder."""
    return _install(folder / "trufflehog", TRUFFLEHOG, more)


def _install(program: Path, text: str, more: str) -> Path:
    program.write_text(text.format(python=sys.executable, git=shutil.which("git"), more=more))
    program.chmod(0o755)
    return program


def codeql_report(commit: str, *found: tuple[str, int], lines: int = 10) -> str:
    """The SARIF of one run for Python that found something in these lines of files."""
    rule = {
        "id": "py/code-injection",
        "shortDescription": {"text": "Code injection"},
        "properties": {"security-severity": "9.3"},
    }
    results = [
        {
            "ruleId": "py/code-injection",
            "message": {"text": "This code depends on a user-provided value."},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": line}}}],
        }
        for path, line in found
    ]
    extensions = [{"name": "codeql/python-queries", "rules": [rule]}]
    run = {
        "tool": {"driver": {"name": "CodeQL", "semanticVersion": "2.26.0"}, "extensions": extensions},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": []}],
        "versionControlProvenance": [{"revisionId": commit}],
        "results": results,
        "properties": {"metricResults": [{"ruleId": "py/summary/lines-of-code", "value": lines}]},
    }
    return json.dumps({"version": "2.1.0", "runs": [run]})
