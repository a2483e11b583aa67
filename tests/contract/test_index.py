"""Every package index keeps the same promises: the fake, the directory, and twine with a real pypiserver."""

import base64
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from shipit.adapters.pypi import directory_page
from shipit.adapters.pypi.directory import DirectoryIndex
from shipit.adapters.pypi.index import LAG, TwineIndex
from shipit.adapters.pypi.reader import Reader
from shipit.adapters.pypi.twine import upload_argv
from shipit.errors import Denied, Refused, Unavailable, UsageError
from shipit.release.ports import Index
from tests.fakes_index import FakeIndex
from tests.support.distributions import sdist, sha256, wheel
from tests.support.pypi import Address, FaultyIndex, pypiserver

SECRET = "sentinel/p+ss w&rd-9f2c"  # characters that encodings change
PROJECT = "my-acme"


_YANKED = (
    '<a href="my_acme-0.9.0.tar.gz#sha256=00ff&amp;egg=my-acme" data-yanked="bad &amp; ugly" data-gpg-sig="true"'
    ' data-requires-python="&gt;=3.9" data-core-metadata="sha256=11ff" data-dist-info-metadata="sha256=11ff">x</a>'
)
_LATER = "<a data-yanked href='my_acme-9.0.0.tar.gz#md5=11'>my_acme-9.0.0.tar.gz</a>"
PAGES_OF_OTHERS = {
    "like ours": "<!DOCTYPE html>\n<html>\n  <head>\n"
    '    <meta name="pypi:project-status" content="deprecated">\n  </head>\n'
    f"  <body>\n    <h1>my-acme</h1>\n    {_YANKED}<br>\n    {_LATER}<br>\n  </body>\n</html>\n",
    "in one line": f"<html><body><!-- <a href='x'></body> -->{_YANKED}{_LATER}</body></html>",
    "in a table": f"<table>\r\n<tr><td>{_YANKED}</td></tr>\r\n<tr><td>{_LATER}</td></tr>\r\n</table>\r\n</body>",
    "a fragment that is no UTF-8": f"{_YANKED}<br>\udcff\n{_LATER}<p>",
}


def silent(line: str) -> None: ...


class IndexContract:
    """What a step may rely on, whoever plays the port."""

    def test_an_unknown_project_has_no_files(self, index: Index) -> None:
        assert index.hashes("nobody-knows-this", "1.0.0") == {}

    def test_a_usable_index_has_no_problems(self, index: Index) -> None:
        assert not index.problems(PROJECT)

    def test_what_was_uploaded_is_there_with_its_bytes(self, index: Index, tmp_path: Path) -> None:
        files = [wheel(tmp_path), sdist(tmp_path)]
        for file in files:
            index.upload(file, silent)
        assert index.hashes(PROJECT, "1.1.0") == {file.name: sha256(file) for file in files}

    def test_only_the_files_of_the_version_are_named(self, index: Index, tmp_path: Path) -> None:
        for version in ("1.1.0", "1.1.0rc1", "1.10.0"):
            index.upload(wheel(tmp_path, version=version), silent)
        assert list(index.hashes(PROJECT, "1.1.0rc1")) == ["my_acme-1.1.0rc1-py3-none-any.whl"]
        assert list(index.hashes(PROJECT, "1.1")) == ["my_acme-1.1.0-py3-none-any.whl"]

    def test_an_unknown_project_has_no_versions(self, index: Index) -> None:
        assert list(index.versions("nobody-knows-this")) == []

    def test_every_version_is_told_once_and_the_lowest_first(self, index: Index, tmp_path: Path) -> None:
        for version in ("1.10.0", "1.2.0", "1.2.0rc1"):
            index.upload(wheel(tmp_path, version=version), silent)
        index.upload(sdist(tmp_path, version="1.2.0"), silent)
        index.upload(wheel(tmp_path, name="my-acme-tools", version="9.0.0"), silent)
        assert list(index.versions("My.Acme")) == ["1.2.0rc1", "1.2.0", "1.10.0"]

    def test_a_project_answers_to_every_spelling_of_its_name(self, index: Index, tmp_path: Path) -> None:
        index.upload(wheel(tmp_path), silent)
        assert index.hashes("My.Acme", "1.1.0") == index.hashes("my_acme", "1.1.0") != {}

    def test_the_same_name_with_other_bytes_is_denied_and_the_first_stays(
        self, index: Index, tmp_path: Path
    ) -> None:
        first, second = wheel(tmp_path / "a"), wheel(tmp_path / "b", text="changed = True")
        index.upload(first, silent)
        with pytest.raises(Denied):
            index.upload(second, silent)
        assert index.hashes(PROJECT, "1.1.0") == {first.name: sha256(first)}

    def test_something_that_is_no_distribution_is_refused(self, index: Index, tmp_path: Path) -> None:
        note = tmp_path / "notes.txt"
        note.write_text("hello")
        with pytest.raises(Refused):
            index.upload(note, silent)

    def test_it_has_a_name_for_people(self, index: Index) -> None:
        assert index.name


class TestFakeIndex(IndexContract):
    @pytest.fixture
    def index(self) -> Index:
        return FakeIndex()

    def test_a_lost_answer_leaves_the_file_there(self, tmp_path: Path) -> None:
        file = wheel(tmp_path)
        fake = FakeIndex(refusals={file.name: Unavailable("lost")}, deaf={file.name})
        with pytest.raises(Unavailable):
            fake.upload(file, silent)
        assert fake.hashes(PROJECT, "1.1.0") == {file.name: sha256(file)}


class TestDirectoryIndex(IndexContract):
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        return tmp_path / "index"

    @pytest.fixture
    def index(self, root: Path) -> DirectoryIndex:
        return DirectoryIndex(root)

    def test_uploading_the_same_bytes_again_changes_nothing(self, index: Index, root: Path, tmp_path: Path) -> None:
        index.upload(wheel(tmp_path), silent)
        before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in root.rglob("*")}
        index.upload(wheel(tmp_path), silent)
        assert before == {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in root.rglob("*")}

    def test_the_pages_do_not_depend_on_the_order_of_uploads(self, tmp_path: Path) -> None:
        files = [wheel(tmp_path), sdist(tmp_path), wheel(tmp_path, name="other")]
        for place, order in (("a", files), ("b", files[::-1])):
            for file in order:
                DirectoryIndex(tmp_path / place).upload(file, silent)
        for page in ("index.html", "my-acme/index.html", "other/index.html"):
            assert (tmp_path / "a" / page).read_bytes() == (tmp_path / "b" / page).read_bytes()

    def test_pip_installs_from_it_and_checks_the_hash(self, index: Index, root: Path, tmp_path: Path) -> None:
        index.upload(wheel(tmp_path, text="hello = 'there'"), silent)
        assert pip_install(root, tmp_path / "site").returncode == 0
        assert (tmp_path / "site" / "my_acme" / "__init__.py").read_text() == "hello = 'there'\n"
        (root / PROJECT / "my_acme-1.1.0-py3-none-any.whl").write_bytes(wheel(tmp_path, text="evil").read_bytes())
        assert "DO NOT MATCH THE HASHES" in pip_install(root, tmp_path / "second").stderr

    def test_a_crash_between_file_and_page_counts_as_missing_and_is_repaired(
        self, index: Index, root: Path, tmp_path: Path
    ) -> None:
        first, second = wheel(tmp_path), sdist(tmp_path)
        index.upload(first, silent)
        (root / PROJECT / second.name).write_bytes(second.read_bytes())
        (root / PROJECT / f".{second.name}.part").write_bytes(b"half")
        assert list(index.hashes(PROJECT, "1.1.0")) == [first.name]
        index.upload(second, silent)
        assert index.hashes(PROJECT, "1.1.0")[second.name] == sha256(second)
        assert f"{second.name}#sha256={sha256(second)}" in (root / PROJECT / "index.html").read_text()

    def test_a_crash_before_the_root_page_counts_as_missing_and_is_repaired(
        self, index: Index, root: Path, tmp_path: Path
    ) -> None:
        index.upload(wheel(tmp_path), silent)
        (root / "index.html").unlink()
        assert index.hashes(PROJECT, "1.1.0") == {}
        index.upload(wheel(tmp_path), silent)
        assert index.hashes(PROJECT, "1.1.0") == {wheel(tmp_path).name: sha256(wheel(tmp_path))}

    def test_a_file_changed_behind_the_pages_back_is_told_with_its_real_bytes(
        self, index: Index, root: Path, tmp_path: Path
    ) -> None:
        index.upload(wheel(tmp_path), silent)
        other = wheel(tmp_path / "other", text="changed = True")
        (root / PROJECT / other.name).write_bytes(other.read_bytes())
        assert index.hashes(PROJECT, "1.1.0") == {other.name: sha256(other)}

    def test_a_file_on_no_page_is_told_apart_from_what_can_be_installed(
        self, index: DirectoryIndex, root: Path, tmp_path: Path
    ) -> None:
        index.upload(wheel(tmp_path), silent)
        lying = sdist(root / PROJECT, text="somebody's")
        assert index.unlisted("My.Acme", "1.1") == {lying.name: sha256(lying)}
        assert index.unlisted(PROJECT, "1.2.0") == {}
        assert index.hashes(PROJECT, "1.1.0") == {wheel(tmp_path).name: sha256(wheel(tmp_path))}

    def test_what_is_no_file_under_the_name_of_one_is_told(self, index: DirectoryIndex, root: Path) -> None:
        (root / PROJECT / "my_acme-1.1.0.tar.gz").mkdir(parents=True)
        assert index.unlisted(PROJECT, "1.1.0") == {"my_acme-1.1.0.tar.gz": None}

    def test_a_listed_file_that_is_gone_binds_its_name_to_its_sha256(
        self, index: DirectoryIndex, root: Path, tmp_path: Path
    ) -> None:
        file = wheel(tmp_path)
        index.upload(file, silent)
        (root / PROJECT / file.name).unlink()
        assert index.hashes(PROJECT, "1.1.0") == {}
        assert index.unlisted(PROJECT, "1.1.0") == {file.name: sha256(file)}
        with pytest.raises(Denied):
            index.upload(wheel(tmp_path / "other", text="changed = True"), silent)
        index.upload(file, silent)
        assert index.hashes(PROJECT, "1.1.0") == {file.name: sha256(file)}
        assert index.unlisted(PROJECT, "1.1.0") == {}

    def test_a_file_of_another_place_counts_with_the_sha256_that_the_page_gives(
        self, index: DirectoryIndex, root: Path
    ) -> None:
        (root / PROJECT).mkdir(parents=True)
        (root / "index.html").write_text(f"<a href='{PROJECT}/'>x</a>")
        links = "<a href='https://files.invalid/my_acme-1.1.0.tar.gz#sha256=00FF'>x</a>"
        links += "<a href='../files/my_acme-1.1.0-py3-none-any.whl'>x</a>"
        (root / PROJECT / "index.html").write_text(links)
        assert index.hashes(PROJECT, "1.1.0") == {
            "my_acme-1.1.0.tar.gz": "00ff",
            "my_acme-1.1.0-py3-none-any.whl": None,
        }

    def test_an_upload_lists_its_own_file_and_no_other(
        self, index: DirectoryIndex, root: Path, tmp_path: Path
    ) -> None:
        index.upload(wheel(tmp_path), silent)
        withdrawn = wheel(root / PROJECT, version="1.0.0")
        index.upload(sdist(tmp_path), silent)
        assert withdrawn.name not in (root / PROJECT / "index.html").read_text()
        assert list(index.versions(PROJECT)) == ["1.1.0"]

    @pytest.mark.parametrize("page", PAGES_OF_OTHERS.values(), ids=PAGES_OF_OTHERS)
    def test_a_page_keeps_all_that_it_says_of_others(
        self, index: DirectoryIndex, root: Path, tmp_path: Path, page: str
    ) -> None:
        folder = root / PROJECT
        folder.mkdir(parents=True)
        top = page.replace(PROJECT, "another")
        put(folder / "index.html", page)
        put(root / "index.html", top)
        files = [wheel(tmp_path), sdist(tmp_path)]
        for file in files:
            index.upload(file, silent)
        lines = [f'    <a href="{file.name}#sha256={sha256(file)}">{file.name}</a><br>\n' for file in files]
        after = directory_page.read(folder / "index.html")
        for line in lines:
            assert after.count(line) == 1
            after = after.replace(line, "")
        assert after == page
        link = f'    <a href="{PROJECT}/">{PROJECT}</a><br>\n'
        assert directory_page.read(root / "index.html").replace(link, "") == top
        assert index.hashes(PROJECT, "1.1.0") == {file.name: sha256(file) for file in files}
        assert "0.9.0" not in index.versions(PROJECT)

    def test_pip_leaves_out_what_was_yanked_before_an_upload(
        self, index: DirectoryIndex, root: Path, tmp_path: Path
    ) -> None:
        index.upload(wheel(tmp_path, version="2.0.0"), silent)
        page = root / PROJECT / "index.html"
        page.write_text(page.read_text().replace('">my_acme-2', '" data-yanked="broken">my_acme-2'))
        index.upload(wheel(tmp_path, text="hello = 'there'"), silent)
        assert pip_install(root, tmp_path / "site").returncode == 0
        assert (tmp_path / "site" / "my_acme" / "__init__.py").read_text() == "hello = 'there'\n"

    def test_many_writers_at_once_leave_a_page_with_every_file(self, root: Path, tmp_path: Path) -> None:
        files = [wheel(tmp_path, version=f"1.0.{number}") for number in range(8)]
        code = "import sys, pathlib, shipit.adapters.pypi.directory as there; root, file = sys.argv[1:]; "
        code += "there.DirectoryIndex(pathlib.Path(root)).upload(pathlib.Path(file), print)"
        children = [
            subprocess.Popen([sys.executable, "-c", code, root, file], stdout=subprocess.DEVNULL) for file in files
        ]
        assert [child.wait() for child in children] == [0] * len(files)
        page = (root / PROJECT / "index.html").read_text()
        assert all(f"{file.name}#sha256={sha256(file)}" in page for file in files)

    def test_a_file_where_the_folder_should_be_is_a_problem(self, root: Path, tmp_path: Path) -> None:
        root.write_text("in the way")
        index = DirectoryIndex(root)
        assert "is not a directory" in index.problems(PROJECT)[0].evidence
        with pytest.raises(Denied):
            index.upload(wheel(tmp_path), silent)

    def test_a_disk_that_fails_is_unavailable(
        self, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("shutil.copyfile", full)
        with pytest.raises(Unavailable, match="No space left"):
            index.upload(wheel(tmp_path), silent)


def put(page: Path, text: str) -> None:
    page.write_bytes(text.encode("utf-8", "surrogateescape"))


def pip_install(root: Path, target: Path) -> subprocess.CompletedProcess[str]:
    words = ("install", "--isolated", "--no-deps", "--no-cache-dir", "--target", str(target), PROJECT)
    return subprocess.run(
        [sys.executable, "-m", "pip", *words, "--index-url", root.as_uri()],
        check=False,
        capture_output=True,
        text=True,
    )


class TestTwineIndex(IndexContract):
    @pytest.fixture
    def address(self, tmp_path: Path) -> Iterator[Address]:
        with pypiserver(tmp_path / "served", password=SECRET) as address:
            yield address

    @pytest.fixture
    def index(self, address: Address) -> TwineIndex:
        return TwineIndex(
            upload_url=address.upload,
            simple_url=address.simple,
            username=address.username,
            password=address.password,
        )

    @pytest.fixture
    def faulty(self, address: Address) -> Iterator[FaultyIndex]:
        with FaultyIndex(address.url) as front:
            yield front

    @pytest.fixture
    def fronted(self, faulty: FaultyIndex, address: Address) -> TwineIndex:
        return TwineIndex(
            upload_url=f"{faulty.url}/",
            simple_url=f"{faulty.url}/simple/",
            username=address.username,
            password=address.password,
        )

    def test_a_wrong_password_is_denied_and_named(self, address: Address, tmp_path: Path) -> None:
        index = TwineIndex(
            upload_url=address.upload,
            simple_url=address.simple,
            username=address.username,
            password="wrong-" + SECRET,
        )
        with pytest.raises(Denied, match="403") as caught:
            index.upload(wheel(tmp_path), silent)
        assert "rights on this project" in str(caught.value.hint)
        assert SECRET not in repr((caught.value.what, caught.value.evidence, caught.value.hint))
        assert index.hashes(PROJECT, "1.1.0") == {}

    def test_wheel_accepted_and_sdist_503_is_unavailable_and_then_goes_on(
        self, fronted: TwineIndex, faulty: FaultyIndex, tmp_path: Path
    ) -> None:
        faulty.fail("*.tar.gz")
        fronted.upload(wheel(tmp_path), silent)
        with pytest.raises(Unavailable) as caught:
            fronted.upload(sdist(tmp_path), silent)
        assert any("503" in line for line in caught.value.evidence)
        assert list(fronted.hashes(PROJECT, "1.1.0")) == [wheel(tmp_path).name]
        faulty.heal()
        fronted.upload(sdist(tmp_path), silent)
        assert len(fronted.hashes(PROJECT, "1.1.0")) == 2

    def test_the_second_upload_can_be_made_to_fail(
        self, fronted: TwineIndex, faulty: FaultyIndex, tmp_path: Path
    ) -> None:
        faulty.fail_upload(2)
        fronted.upload(sdist(tmp_path), silent)
        with pytest.raises(Unavailable):
            fronted.upload(wheel(tmp_path), silent)
        assert {upload.status for upload in faulty.uploads} == {200, 503}

    @pytest.mark.parametrize("status", [0, 502])
    def test_a_lost_answer_raises_and_the_file_is_seen_afterwards(
        self, fronted: TwineIndex, faulty: FaultyIndex, tmp_path: Path, status: int
    ) -> None:
        file = wheel(tmp_path)
        faulty.fail("*.whl", status, times=1, after=True)
        with pytest.raises((Unavailable, Denied)):
            fronted.upload(file, silent)
        assert fronted.hashes(PROJECT, "1.1.0") == {file.name: sha256(file)}

    def test_nobody_listening_is_unavailable_and_a_problem(self, tmp_path: Path) -> None:
        away = TwineIndex(
            upload_url="http://127.0.0.1:9/",
            simple_url="http://127.0.0.1:9/simple/",
            username="u",
            password=SECRET,
            pause=lambda _: None,
        )
        with pytest.raises(Unavailable):
            away.upload(wheel(tmp_path), silent)
        with pytest.raises(Unavailable):
            away.hashes(PROJECT, "1.1.0")
        assert "did not answer" in away.problems(PROJECT)[0].what

    def test_the_password_is_in_no_command_line_and_in_no_word(
        self, fronted: TwineIndex, faulty: FaultyIndex, tmp_path: Path
    ) -> None:
        lines: list[str] = []
        seen: list[str] = []
        faulty.watch = lambda: seen.extend(command_lines())
        fronted.upload(wheel(tmp_path), lines.append)
        assert any("twine" in line for line in seen)
        for form in (SECRET, quote(SECRET, safe=""), quote(SECRET)):
            assert form not in "\n".join([*lines, *seen, repr(fronted)])

    def test_an_index_that_only_members_read_gets_the_credentials(
        self, fronted: TwineIndex, faulty: FaultyIndex, address: Address, tmp_path: Path
    ) -> None:
        pair = base64.b64encode(f"{address.username}:{address.password}".encode()).decode()
        faulty.readers.add(f"Basic {pair}")
        fronted.upload(wheel(tmp_path), silent)
        assert fronted.hashes(PROJECT, "1.1.0") == {wheel(tmp_path).name: sha256(wheel(tmp_path))}
        stranger = TwineIndex(
            upload_url=fronted.upload_url, simple_url=fronted.simple_url, username="u", password="wrong-password"
        )
        with pytest.raises(Denied):
            stranger.hashes(PROJECT, "1.1.0")
        assert "401" in stranger.problems(PROJECT)[0].what

    def test_credentials_do_not_go_to_a_host_that_takes_no_uploads(
        self, faulty: FaultyIndex, address: Address
    ) -> None:
        faulty.readers.add("Basic nobody")
        apart = TwineIndex(
            upload_url=address.upload,
            simple_url=f"{faulty.url}/simple/",
            username=address.username,
            password=address.password,
        )
        with pytest.raises(Denied):
            apart.hashes(PROJECT, "1.1.0")
        assert apart.name == address.upload.split("/")[2]
        assert faulty.authorizations == [None, None]

    def test_what_is_said_has_no_colours(self, index: TwineIndex, tmp_path: Path) -> None:
        lines: list[str] = []
        index.upload(wheel(tmp_path), lines.append)
        assert any("Uploading my_acme-1.1.0" in line for line in lines)
        assert not any("\x1b" in line for line in lines)

    def test_an_index_that_shows_a_file_late_is_waited_for(
        self, address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pauses: list[float] = []
        index = TwineIndex(
            upload_url=address.upload,
            simple_url=address.simple,
            username=address.username,
            password=SECRET,
            pause=pauses.append,
        )
        truth: Callable[[Reader, str], object] = Reader.page
        monkeypatch.setattr(Reader, "page", lambda self, name: truth(self, name) if len(pauses) > 2 else None)
        index.upload(wheel(tmp_path), silent)
        assert pauses == [2, 2, 2]

    def test_an_index_that_never_shows_a_file_is_not_waited_for_long(
        self, index: TwineIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        moments = iter((0.0, LAG + 1))
        monkeypatch.setattr("shipit.adapters.pypi.index.time.monotonic", lambda: next(moments))
        monkeypatch.setattr(Reader, "page", lambda *_: None)
        monkeypatch.setattr("shipit.adapters.pypi.index.process.follow", lambda *_, **__: finished_well())
        index.upload(wheel(tmp_path), silent)


def finished_well() -> object:
    from shipit.adapters.process import Finished

    return Finished((), 0, b"", "")


def command_lines() -> list[str]:
    found = []
    for process in Path("/proc").iterdir():
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            found.append(line.decode("utf-8", "replace"))
        except OSError:
            continue
    return found


class TestCredentials:
    def test_an_address_with_credentials_is_refused_without_repeating_them(self) -> None:
        with pytest.raises(UsageError) as caught:
            TwineIndex(
                upload_url=f"https://user:{quote(SECRET, safe='')}@index.invalid/x",
                simple_url="https://index.invalid/simple/",
            )
        assert caught.value.where == "https://index.invalid/x"

    def test_the_upload_command_holds_only_address_and_file(self) -> None:
        argv = upload_argv("https://index.invalid/", Path("a.whl"))
        assert argv[1:] == (
            "-P",
            "-m",
            "twine",
            "--no-color",
            "upload",
            "--non-interactive",
            "--disable-progress-bar",
            "--verbose",
            "--repository-url",
            "https://index.invalid/",
            "a.whl",
        )
