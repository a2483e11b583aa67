"""Addresses of PostgreSQL, in every way to write them."""

import traceback
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipit import masking
from shipit.adapters.postgres.address import Target, read
from shipit.errors import UsageError
from shipit.migrations.records import Address

NASTY = "s3cr#t@a:b/c% d?e"
FRAGMENTS = ("s3cr", "t@a", "a:b", "c%", "d?e", "%23", "%40")


@pytest.fixture(autouse=True)
def _no_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGPASSWORD", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGUSER", "me")


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("postgresql://ada:x1@db.example:6543/shop", Address("db.example", 6543, "shop", "ada")),
        ("postgres://ada@db.example/shop", Address("db.example", 5432, "shop", "ada")),
        ("POSTGRES://ada@db.example/shop", Address("db.example", 5432, "shop", "ada")),
        ("postgresql+psycopg://ada:x1@db.example/shop", Address("db.example", 5432, "shop", "ada")),
        ("postgresql+psycopg2://ada:x1@db.example/shop", Address("db.example", 5432, "shop", "ada")),
        ("  postgresql://ada@db.example/shop\n", Address("db.example", 5432, "shop", "ada")),
        ("postgresql://ada@[::1]:5/shop", Address("[::1]", 5, "shop", "ada")),
        ("postgresql:///shop?host=/run/postgresql&user=ada", Address("/run/postgresql", 5432, "shop", "ada")),
        ("postgresql://ada@%2Frun%2Fpostgresql/shop", Address("/run/postgresql", 5432, "shop", "ada")),
        ("postgresql://ada@one:1,two:2/shop", Address("one:1,two:2", None, "shop", "ada")),
        ("postgresql://ada@one,two/shop", Address("one:5432,two:5432", None, "shop", "ada")),
        ("postgresql://ada@one:1,[::2]/shop?connect_timeout=3", Address("one:1,[::2]:5432", None, "shop", "ada")),
        ("host=one,two port=7 dbname=shop user=ada", Address("one:7,two:7", None, "shop", "ada")),
        ("postgresql://host/", Address("host", 5432, "me", "me")),
        ("postgresql://", Address("localhost", 5432, "me", "me")),
        ("host=db.example dbname='my shop' user=ada password='x y'", Address("db.example", 5432, "my shop", "ada")),
        ("dbname=shop hostaddr=10.0.0.1", Address("10.0.0.1", 5432, "shop", "me")),
        ("dbname=shop password=a://b", Address("localhost", 5432, "shop", "me")),
        ("postgresql://%61da:x1@db/sh%20op", Address("db", 5432, "sh op", "ada")),
    ],
)
def test_who_and_where_are_read_from_every_form(value: str, address: Address) -> None:
    assert read(value).address == address


def test_what_an_address_leaves_out_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "from.environment")
    monkeypatch.setenv("PGPORT", "7")
    monkeypatch.setenv("PGDATABASE", "things")
    assert read("postgresql://").address == Address("from.environment", 7, "things", "me")
    assert read("postgresql://ada@db/shop").address == Address("db", 7, "shop", "ada")


def test_options_reach_libpq_as_they_are() -> None:
    found = read("postgresql://ada@db/shop?sslmode=verify-full&target_session_attrs=read-write").parameters
    assert found["sslmode"] == "verify-full"
    assert found["target_session_attrs"] == "read-write"


@pytest.mark.parametrize(
    "form", ["postgresql://ada:{}@db/shop", "postgres://db/shop?password={}", "postgresql+asyncpg://ada:{}@db/shop"]
)
def test_a_password_of_any_characters_is_read_and_masked_from_then_on(form: str) -> None:
    found = read(form.format(quote(NASTY, safe="")))
    assert found.parameters["password"] == NASTY
    for spelling in (NASTY, quote(NASTY, safe=""), form.format(quote(NASTY, safe=""))):
        assert masking.mask(f"<{spelling}>") == "<***>"
    assert not any(piece in repr(found) for piece in FRAGMENTS)


def test_the_password_of_a_client_key_is_masked_as_well() -> None:
    read("host=db sslpassword=k3y-pass")
    assert masking.mask("k3y-pass") == "***"


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_every_password_survives_being_quoted(password: str) -> None:
    masking.forget_all()  # else each example is slower than the last
    found = read(f"postgresql://ada:{quote(password, safe='')}@db/shop")
    assert found.parameters["password"] == password
    assert found.address == Address("db", 5432, "shop", "ada")


@pytest.mark.parametrize(
    "value",
    [
        "",
        " \n",
        NASTY,
        f"mysql://ada:{NASTY}@db/shop",
        f"jdbc:postgresql://ada:{quote(NASTY)}@db/shop",
        f"postgresql://ada:{NASTY}@db/shop",
        "postgresql://ada:s3cr@t@db/shop",
        "postgresql://ada:s3cr/t@db/shop",
        "postgresql://ada:12/s3cr@db/shop",
        "postgresql://ada:12/s3cr/t",
        "postgresql://ada:s3cr%zz@db/shop",
        "postgresql://ada:s3cr%00@db/shop",
        "postgresql://ada:x1@db/shop?s3cr=1",
        "postgresql://ada:x1@db:s3cr/shop",
        "host=db s3cr=1",
        "host=db password='s3cr",
        "s3cr",
    ],
)
def test_what_cannot_be_read_is_refused_without_showing_any_of_it(value: str) -> None:
    with pytest.raises(UsageError) as stopped:
        read(value)
    error = stopped.value
    assert error.hint
    assert error.hint.startswith("postgresql://USER:PASSWORD@HOST")
    told = [error.what, *error.evidence, repr(error), *map(str, (error.where, error.__cause__))]
    assert "s3cr" not in " ".join(told)
    assert value == "" or value.strip() == "" or masking.mask(value.strip()) == "***"


@settings(deadline=None)
@given(st.text())
def test_any_text_is_an_address_or_refused_with_the_same_words(value: str) -> None:
    masking.forget_all()
    try:
        assert isinstance(read(value), Target)
    except UsageError as error:
        shown = "".join(traceback.format_exception_only(error))
        assert "cannot be read" in shown or "is empty" in shown
