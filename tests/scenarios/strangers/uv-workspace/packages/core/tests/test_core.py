def test_it_answers() -> None:
    from weather_core import answer

    assert answer() == 42
