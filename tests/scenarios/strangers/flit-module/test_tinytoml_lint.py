def test_it_answers() -> None:
    from tinytoml_lint import answer

    assert answer() == 42
