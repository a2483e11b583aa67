def test_it_answers() -> None:
    from ledger_cli import answer

    assert answer() == 42
