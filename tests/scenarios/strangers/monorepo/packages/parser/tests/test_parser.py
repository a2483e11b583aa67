def test_it_answers() -> None:
    from acme_parser import answer

    assert answer() == 42
