def test_it_answers() -> None:
    from orders import answer

    assert answer() == 42
