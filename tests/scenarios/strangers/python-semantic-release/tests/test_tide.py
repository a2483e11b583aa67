def test_it_answers() -> None:
    from tide import answer

    assert answer() == 42
