"""What others wrote is shown on a terminal as text, each value in one piece."""

import pytest

from sdk.cli_show import print_details


def test_a_value_moves_no_cursor_and_is_not_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    print_details({"name": "\x1b[2JBarn\x07", "credential": "e" * 900, "tariff": ["1", "\r2"]})
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "name        [2JBarn",
        f"credential  {'e' * 900}",
        "tariff      1",
        "            2",
    ]
