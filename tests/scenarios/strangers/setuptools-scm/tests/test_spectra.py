def test_it_answers() -> None:
    from spectra import answer

    assert answer() == 42
