def test_it_answers() -> None:
    from kelvin_acme import answer

    assert answer() == 42
