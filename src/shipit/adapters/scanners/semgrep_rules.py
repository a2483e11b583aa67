"""The rules for semgrep where a project tracks none of its own, and what languages rules are for."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

EXTENSIONS: Mapping[str, tuple[str, ...]] = {
    "bash": (".sh", ".bash"),
    "c": (".c", ".h"),
    "cpp": (".cpp", ".cc", ".cxx", ".hpp"),
    "csharp": (".cs",),
    "dockerfile": ("Dockerfile", ".dockerfile"),
    "go": (".go",),
    "html": (".html", ".htm"),
    "java": (".java",),
    "javascript": (".js", ".jsx", ".mjs", ".cjs"),
    "json": (".json",),
    "kotlin": (".kt",),
    "php": (".php",),
    "python": (".py",),
    "ruby": (".rb",),
    "rust": (".rs",),
    "scala": (".scala",),
    "terraform": (".tf",),
    "typescript": (".ts", ".tsx"),
    "yaml": (".yml", ".yaml"),
}
"""The files that semgrep takes for a language, by how their names end."""

CALLS = frozenset({"go", "java", "javascript", "kotlin", "php", "python", "ruby", "scala", "typescript"})
"""Languages with calls that are written as in Python."""

_SPELLINGS = {
    "py": "python", "python3": "python", "js": "javascript", "ts": "typescript", "golang": "go", "rb": "ruby",
    "sh": "bash", "c#": "csharp", "c++": "cpp", "docker": "dockerfile", "hcl": "terraform", "kt": "kotlin",
}  # fmt: skip
_INLINE = re.compile(r"""["']?languages["']?\s*:\s*\[([^\]]*)\]""")
_BLOCK = re.compile(r"^[ \t-]*languages\s*:[ \t]*(?:#.*)?\n((?:[ \t]*(?:-[ \t].*|#.*)?\n?)+)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z][\w+#]*")


def languages(rules: str) -> Iterator[str]:
    """Give the languages that rules (YAML or JSON) are for; javascript is for TypeScript as well."""
    lists = [match[1] for match in _INLINE.finditer(rules)]
    for match in _BLOCK.finditer(rules):
        lists += [line.strip().removeprefix("- ") for line in _items(match[1])]
    for name in _WORD.findall(", ".join(lists)):
        yield _SPELLINGS.get(name.casefold(), name.casefold())


def _items(block: str) -> Iterator[str]:
    """Give the items of a list; the first line that is a key of its own ends it."""
    for line in block.splitlines():
        text = line.strip().partition("#")[0].strip()
        if ":" in text:
            return
        if text:
            yield text


def _rule(name: str, spoken: str, severity: str, message: str, *patterns: str) -> dict[str, Any]:
    languages = spoken.split()
    either = [{"pattern": pattern} for pattern in patterns]
    return {
        "id": f"shipit.{name}", "languages": languages, "severity": severity, "message": message,
        "pattern-either": either,
    }  # fmt: skip


_SCRIPT = "javascript typescript"

RULES: Mapping[str, Any] = {
    "rules": [
        _rule(
            "text-run-as-code", "python", "WARNING", "text that was put together is run as code",
            "eval($TEXT + $MORE)", 'eval(f"...")', "exec($TEXT + $MORE)", 'exec(f"...")', "eval(input(...))",
            "exec(input(...))",
        ),
        _rule(
            "shell-with-text", "python", "ERROR", "a command that was put together is given to a shell",
            "os.system($TEXT + $MORE)", 'os.system(f"...{$X}...")', "os.system($TEXT % $MORE)",
            "subprocess.$RUN($TEXT + $MORE, ..., shell=True, ...)",
            'subprocess.$RUN(f"...{$X}...", ..., shell=True, ...)',
        ),
        _rule(
            "sql-with-text", "python", "ERROR", "a value is put into SQL as text and not as a parameter",
            '$DATABASE.execute(f"...{$X}...", ...)', '$DATABASE.execute("..." % $X, ...)',
            '$DATABASE.execute("..." + $X, ...)', '$DATABASE.execute("...".format(...), ...)',
        ),
        _rule(
            "certificate-unchecked", "python", "ERROR", "the certificate of the other side is not checked",
            "requests.$CALL(..., verify=False, ...)", "httpx.$CALL(..., verify=False, ...)",
            "ssl._create_unverified_context(...)",
        ),
        _rule(
            "objects-from-bytes", "python", "WARNING", "bytes are read as objects, which can run code",
            "pickle.load(...)", "pickle.loads(...)", "marshal.loads(...)", "yaml.load($TEXT)",
            "yaml.load($TEXT, Loader=yaml.Loader)", "yaml.unsafe_load(...)",
        ),
        _rule(
            "debugger-for-everybody", "python", "ERROR", "the debugger of a web server runs code for whoever asks",
            "$APP.run(..., debug=True, ...)",
        ),
        _rule(
            "script-text-run-as-code", _SCRIPT, "WARNING", "text that was put together is run as code",
            "eval($TEXT + $MORE)", "eval(`...${$X}...`)", "new Function($TEXT + $MORE)",
        ),
        _rule(
            "script-shell-with-text", _SCRIPT, "ERROR", "a command that was put together is given to a shell",
            "child_process.exec($TEXT + $MORE, ...)", "child_process.exec(`...${$X}...`, ...)",
            "child_process.execSync($TEXT + $MORE, ...)", "child_process.execSync(`...${$X}...`, ...)",
        ),
        _rule(
            "script-html-with-text", _SCRIPT, "WARNING", "text becomes HTML without being escaped",
            "$ELEMENT.innerHTML = $TEXT + $MORE", "$ELEMENT.innerHTML = `...${$X}...`",
            "document.write($TEXT + $MORE)",
        ),
        _rule(
            "script-certificate-unchecked", _SCRIPT, "ERROR", "the certificate of the other side is not checked",
            "({..., rejectUnauthorized: false, ...})", 'process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"',
        ),
    ]
}  # fmt: skip
"""Few, with few false alarms: they find mistakes that need no knowledge of the project."""
