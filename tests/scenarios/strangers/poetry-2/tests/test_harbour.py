def test_it_answers() -> None:
    from harbour import answer

    assert answer() == 42
