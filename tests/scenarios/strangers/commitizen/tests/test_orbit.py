def test_it_answers() -> None:
    from orbit import answer

    assert answer() == 42
