def test_it_answers() -> None:
    from old_timer import answer

    assert answer() == 42
