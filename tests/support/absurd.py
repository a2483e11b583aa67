"""Pages of an index that no index should send; none of them harms whoever reads it with a limit."""

JSON = "application/vnd.pypi.simple.v1+json"
NAME = "small-1.1.0.tar.gz"
PAGES: dict[str, tuple[str, bytes]] = {
    "an address that no library splits": ("text/html", f"<a href='http://[bad/{NAME}'>x</a>".encode()),
    "a base that no library splits": ("text/html", b"<base href='http://[bad'><a href='x'>x</a>"),
    "a port that is none": (JSON, b'{"files": [{"filename": "a", "url": "http://h:port/a", "hashes": {}}]}'),
    "a port above all ports": ("text/html", f"<a href='http://h:99999/{NAME}'>x</a>".encode()),
    "a name that is a number": (JSON, b'{"files": [{"filename": 7, "url": "a", "hashes": {}}]}'),
    "a name that is a list": (JSON, b'{"files": [{"filename": ["a"], "url": "a", "hashes": {}}]}'),
    "a name of half a character": (JSON, b'{"files": [{"filename": "\\ud800", "url": "a", "hashes": {}}]}'),
    "a reason of half a character": (JSON, b'{"files": [], "project-status": {"reason": "\\ud800"}}'),
    "an address that is a number": (JSON, b'{"files": [{"filename": "a", "url": 7, "hashes": {}}]}'),
    "hashes that are a list": (JSON, b'{"files": [{"filename": "a", "url": "a", "hashes": [1]}]}'),
    "files that are a number": (JSON, b'{"files": 7}'),
    "a page that is a list": (JSON, b"[]"),
    "a status that is a text": (JSON, b'{"files": [], "project-status": "archived"}'),
    "deep nesting": (JSON, b"[" * 20_000),
    "a number without end": (JSON, b'{"files": ' + b"9" * 5_000 + b"}"),
    "no JSON": (JSON, b"<html>"),
    "JSON that is no UTF-8": (JSON, b'{"files": \xff\xfe}'),
    "an encoding that is none of texts": ("text/html; charset=hex", b"61"),
    "an encoding that nobody knows": ("text/html; charset=nobody-knows", b"<a href='x'>x</a>"),
    "an encoding of more than one byte": ("text/html; charset=utf-16", "<a href='x'>x</a>".encode("utf-16")),
    "bytes of two without a word": ("text/html", "<a href='x'>x</a>".encode("utf-16")),
}
HARMLESS: dict[str, tuple[str, bytes]] = {
    "names of other files": (
        "text/html",
        b"<a href='../'>up</a><a href='mailto:a@b.invalid'>x</a><a href=''>x</a>",
    ),
    "a version without end": ("text/html", b"<a href='small-" + b"9" * 5_000 + b".tar.gz'>x</a>"),
    "a build number without end": ("text/html", b"<a href='small-1-" + b"9" * 5_000 + b"-py3-none-any.whl'>x</a>"),
    "a name longer than any file": ("text/html", b"<a href='" + b"x" * 3_000 + b"-1.tar.gz'>x</a>"),
    "a name that moves the cursor": ("text/html", b"<a href='small-%1b[2J1.1.0.tar.gz'>x</a>"),
    "bytes that are no UTF-8": ("text/html", b"<a href='x-\xff'>\xff</a>"),
    "sha256 that is none, of another version": ("text/html", b"<a href='small-0.1.0.tar.gz#sha256=\xff%00'>x</a>"),
    "a type that nobody knows": ("application/octet-stream", b"<a href='x'>x</a>"),
}
