"""What an index's pages say, and how it is found out what they do not say."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from shipit.adapters.http import download
from shipit.adapters.http.client import Client, Dialect, Request
from shipit.adapters.pypi import simple_page
from shipit.adapters.pypi.index import TwineIndex
from shipit.errors import Denied, Unavailable
from tests.support import absurd
from tests.support.distributions import sdist, sha256, wheel
from tests.support.pages import Pages, Said, html, json
from tests.support.pypi import Address, pypiserver

PROJECT = "my-acme"
NAME = "my_acme-1.1.0-py3-none-any.whl"
JSON, PAGE = "application/vnd.pypi.simple.v1+json", "http://index.invalid/simple/my-acme/"


def silent(line: str) -> None: ...


def read(content_type: str, text: str) -> dict[str, tuple[str, str | None]]:
    return {one.name: (one.url, one.sha256) for one in simple_page.read(content_type, text, PAGE).files}


class TestPages:
    def test_in_json(self) -> None:
        text = (
            '{"files": [{"filename": "a-1.whl", "url": "../a-1.whl", "hashes": {"sha256": "00FF"}, "yanked": "no"},'
        )
        text += ' {"filename": "b", "url": "https://files.invalid/b", "hashes": {}}]}'
        assert read(JSON, text) == {
            "a-1.whl": ("http://index.invalid/simple/a-1.whl", "00ff"),
            "b": ("https://files.invalid/b", None),
        }

    def test_in_html(self) -> None:
        text = (
            '<a name="top"></a><a href="../../f/a%2B1.whl?x=1#sha256=00FF&amp;egg=a" data-yanked="bad">a</a>'
            "<a href='https://files.invalid/b.tar.gz'>b</a><a href=c.zip#md5=11>c</a><b href='d'></b>"
        )
        assert read("text/html", text) == {
            "a+1.whl": ("http://index.invalid/f/a%2B1.whl?x=1", "00ff"),
            "b.tar.gz": ("https://files.invalid/b.tar.gz", None),
            "c.zip": ("http://index.invalid/simple/my-acme/c.zip", None),
        }

    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (
                JSON,
                (
                    '{"files": [{"filename": "a-1.whl", "yanked": false}, {"filename": "a-2.whl", "yanked": true},'
                    ' {"filename": "a-3.whl", "yanked": ""}, {"filename": "a-4.whl", "yanked": "why"}]}'
                ),
            ),
            (
                "text/html",
                (
                    "<a href='a-1.whl'>a</a><a href='a-2.whl' data-yanked>a</a>"
                    "<a href='a-3.whl' data-yanked=''>a</a><a href='a-4.whl' data-yanked='why'>a</a>"
                ),
            ),
        ],
    )
    def test_do_not_offer_what_is_yanked(self, kind: str, text: str) -> None:
        page = simple_page.read(kind, text, PAGE)
        assert list(page.offered) == ["a-1.whl"]
        assert len(page.names) == 4

    def test_in_html_with_a_base(self) -> None:
        text = "<head><base href='https://files.invalid/x/'></head><a href='a.whl'>a</a>"
        assert read("text/html", text) == {"a.whl": ("https://files.invalid/x/a.whl", None)}

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{}",
            '{"files": [1]}',
            '{"files": [{"filename": "a", "hashes": 1}]}',
            '{"files": [], "project-status": "archived"}',
        ],
    )
    def test_that_are_none_are_unavailable(self, text: str) -> None:
        with pytest.raises(Unavailable):
            simple_page.read("application/json", text)


class TestAbsurdPages:
    @pytest.mark.parametrize("page", absurd.PAGES.values(), ids=absurd.PAGES)
    def test_are_unavailable_with_their_address(self, pages: Pages, page: tuple[str, bytes]) -> None:
        pages.pages["/simple/small/"] = Said(page[1], all_headers={"Content-Type": page[0]})
        for ask in (lambda: index(pages).hashes("small", "1.1.0"), lambda: index(pages).versions("small")):
            with pytest.raises(Unavailable) as caught:
                ask()
            assert caught.value.where == f"{pages.root}/simple/small/"
            assert caught.value.evidence
            assert all(line.isprintable() for line in caught.value.evidence)
        [problem] = index(pages).problems("small")
        assert problem.what == caught.value.what

    @pytest.mark.parametrize("page", absurd.HARMLESS.values(), ids=absurd.HARMLESS)
    def test_that_say_nothing_of_this_version_do_no_harm(self, pages: Pages, page: tuple[str, bytes]) -> None:
        pages.pages["/simple/small/"] = Said(page[1], all_headers={"Content-Type": page[0]})
        assert index(pages).hashes("small", "1.1.0") == {}
        assert not index(pages).problems("small")

    @pytest.mark.parametrize("url", ["ftp://h.invalid/", "file:///etc/"])
    def test_whose_file_is_at_no_address_of_http_are_not_blamed_on_the_configuration(
        self, pages: Pages, url: str
    ) -> None:
        pages.pages["/simple/my-acme/"] = html(f"<a href='{url}{NAME}'>x</a>")
        with pytest.raises(Unavailable, match="names an address that cannot be read") as caught:
            index(pages).hashes(PROJECT, "1.1.0")
        assert "configuration" not in str(caught.value.hint)

    def test_with_a_sha256_that_is_none_prove_nothing(self, pages: Pages) -> None:
        pages.pages["/simple/my-acme/"] = html(f"<a href='/f/{NAME}#sha256=nonsense'>x</a>")
        pages.pages[f"/f/{NAME}"] = html("")
        assert index(pages).hashes(PROJECT, "1.1.0") == {NAME: hashlib.sha256(b"").hexdigest()}


@pytest.fixture
def pages() -> Iterator[Pages]:
    with Pages() as pages:
        yield pages


def index(pages: Pages, *, guessed: bool = False) -> TwineIndex:
    return TwineIndex(
        upload_url=f"{pages.root}/",
        simple_url=f"{pages.root}/simple/",
        simple_is_guessed=guessed,
        username="me",
        password="sentinel-4711",
        pause=lambda _: None,
    )


class TestStatus:
    @pytest.mark.parametrize(
        "page",
        [
            json('{"files": [], "project-status": {"status": "STATUS", "reason": "because"}}'),
            html(
                '<meta name="pypi:project-status" content="STATUS">'
                '<meta name="pypi:project-status-reason" content="because">'
            ),
        ],
        ids=["json", "html"],
    )
    @pytest.mark.parametrize(
        ("status", "closed"), [("archived", True), ("quarantined", True), ("deprecated", False), ("active", False)]
    )
    def test_that_takes_no_upload_is_a_problem(self, pages: Pages, page: Said, status: str, closed: bool) -> None:
        said = page.data.replace(b"STATUS", status.encode())
        pages.pages["/simple/my-acme/"] = Said(said, all_headers=page.all_headers)
        found = index(pages).problems(PROJECT)
        assert [problem.what.partition(" on ")[0] for problem in found] == (
            [f"the project my-acme is {status}"] if closed else []
        )
        assert not any(problem.is_warning or "password" in problem.hint for problem in found)
        assert all(problem.evidence == "because" for problem in found)

    @pytest.mark.parametrize("text", ['{"files": []}', '{"files": [], "project-status": null}'])
    def test_that_nobody_tells_is_none(self, pages: Pages, text: str) -> None:
        pages.pages["/simple/my-acme/"] = json(text)
        assert not index(pages).problems(PROJECT)


class TestAGuessedIndex:
    def problem(self, pages: Pages) -> tuple[str, str]:
        [problem] = index(pages, guessed=True).problems(PROJECT)
        return problem.what, problem.hint

    @pytest.mark.parametrize("root", [Said(status=404), Said(status=415), Said(status=405)])
    @pytest.mark.parametrize("page", [404, 415])
    def test_that_is_none_is_a_problem_that_names_the_key(self, pages: Pages, root: Said, page: int) -> None:
        pages.pages |= {"/simple/": root, "/simple/my-acme/": Said(status=page)}
        what, hint = self.problem(pages)
        assert what == f"index.simple is not set, and {pages.root}/simple/ is no simple index"
        assert hint == "set index.simple to the address that pip takes as --index-url"

    def test_comes_with_the_value_where_a_devpi_answers(self, pages: Pages) -> None:
        pages.pages |= {"/simple/": Said(status=415), "/+simple/": html("")}
        assert self.problem(pages)[1] == f'set index.simple = "{pages.root}/+simple/"'

    @pytest.mark.parametrize(
        "root", [html("<a href='other/'>other</a>"), Said(status=403), Said(status=429), html("", members=True)]
    )
    def test_that_may_be_one_is_left_alone(self, pages: Pages, root: Said) -> None:
        pages.pages["/simple/"] = root
        assert not index(pages, guessed=True).problems(PROJECT)

    def test_with_the_projects_page_needs_no_more_proof(self, pages: Pages) -> None:
        pages.pages["/simple/my-acme/"] = html("")
        assert not index(pages, guessed=True).problems(PROJECT)
        assert pages.asked == ["/simple/my-acme/"]

    def test_that_refuses_the_page_alone_says_so(self, pages: Pages) -> None:
        pages.pages |= {"/simple/": html(""), "/simple/my-acme/": Said(status=415)}
        assert "415" in self.problem(pages)[0]

    def test_that_fails_says_so(self, pages: Pages) -> None:
        pages.pages["/simple/"] = Said(status=500)
        assert "is failing (500)" in self.problem(pages)[0]

    def test_that_somebody_named_is_believed(self, pages: Pages) -> None:
        assert not index(pages).problems(PROJECT)
        assert pages.asked == ["/simple/my-acme/"]


class Broken(httpx.SyncByteStream):
    """A body that breaks off."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"half"
        raise httpx.ReadError("reset by peer")


class TestWithoutSha256:
    """Names prove nothing, and neither does a page without a sha256: the files themselves are hashed."""

    @pytest.fixture(params=["off", "md5", "sha512"])
    def address(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Address]:
        with pypiserver(tmp_path / "served", hashes=request.param) as address:
            yield address

    def test_the_files_are_hashed(self, address: Address, tmp_path: Path) -> None:
        served = tmp_path / "served"
        files = [wheel(served), sdist(served)]
        index = TwineIndex(upload_url=address.upload, simple_url=address.simple, password="sentinel-4711")
        assert index.hashes(PROJECT, "1.1.0") == {file.name: sha256(file) for file in files}
        files[0].write_bytes(b"tampered with")
        assert index.hashes(PROJECT, "1.1.0")[NAME] == sha256(files[0])

    def test_a_file_that_nobody_may_have_is_unproven(self, pages: Pages) -> None:
        pages.pages["/simple/my-acme/"] = html(f"<a href='/gone/{NAME}'>x</a>")
        assert index(pages).hashes(PROJECT, "1.1.0") == {NAME: None}

    def test_a_page_with_sha256_is_believed_without_a_download(self, pages: Pages) -> None:
        pages.pages["/simple/my-acme/"] = html(f"<a href='/f/{NAME}#sha256=00ff'>x</a>")
        assert index(pages).hashes(PROJECT, "1.1.0") == {NAME: "00ff"}
        assert pages.asked == ["/simple/my-acme/"]

    def test_credentials_follow_to_the_same_host_where_it_asks_for_them(self, pages: Pages) -> None:
        pages.pages["/simple/my-acme/"] = html(f"<a href='/f/{NAME}'>x</a>", members=True)
        pages.pages[f"/f/{NAME}"] = html("", members=True)
        assert index(pages).hashes(PROJECT, "1.1.0")[NAME]
        page, file = "/simple/my-acme/", f"/f/{NAME}"
        assert pages.asked == [page, f"{page} known", file, f"{file} known"]

    def test_credentials_do_not_follow_to_another_host(self, pages: Pages) -> None:
        with Pages({f"/f/{NAME}": html("", members=True)}) as elsewhere:
            pages.pages["/simple/my-acme/"] = html(f"<a href='{elsewhere.root}/f/{NAME}'>x</a>")
            assert index(pages).hashes(PROJECT, "1.1.0") == {NAME: None}
            assert elsewhere.asked == [f"/f/{NAME}"] * 2

    def test_bytes_are_hashed_as_they_lie_there(self, pages: Pages, tmp_path: Path) -> None:
        """A server may call a .tar.gz a compressed .tar."""
        file = sdist(tmp_path)
        pages.pages["/simple/my-acme/"] = html(f"<a href='/f/{file.name}'>x</a>")
        pages.pages[f"/f/{file.name}"] = Said(file.read_bytes(), all_headers={"Content-Encoding": "gzip"})
        assert index(pages).hashes(PROJECT, "1.1.0") == {file.name: sha256(file)}

    def test_a_file_without_end_is_not_read_to_the_end(self, pages: Pages) -> None:
        pages.pages["/f"] = html("x" * 100)
        client = Client(pages.root, Dialect(name="I"))
        request = Request(method="GET", path="/f")
        assert download.sha256(client, request, limit=99) is None
        assert download.sha256(client, request, limit=100)

    def test_a_connection_that_breaks_is_unavailable(self) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Broken()))
        client = Client("https://index.invalid", Dialect(name="I"), transport=transport)
        with pytest.raises(Unavailable, match="I broke off"):
            download.sha256(client, Request(method="GET", path="/f"))

    def test_a_refusal_is_told_with_what_was_said(self, pages: Pages) -> None:
        pages.pages["/f"] = Said(b'{"message": "not for you"}', status=451)
        client = Client(pages.root, Dialect(name="I"))
        with pytest.raises(Denied, match="not for you"):
            download.sha256(client, Request(method="GET", path="/f"))
