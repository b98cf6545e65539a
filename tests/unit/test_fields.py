from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from sdk.fields import MAX_AMOUNT, Moment, Money

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
MONEY: TypeAdapter[int] = TypeAdapter(Money)


@pytest.mark.parametrize(
    "text",
    [
        '"0001-01-01T00:00:00+14:00"',
        '"9999-12-31T23:59:59-10:00"',
        '"2026-01-01"',
        '"2026-01-01T00:00:00"',
        '""',
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_json(text)


@pytest.mark.parametrize("text", ["2026-11-26T12:00:00Z", "2026-11-26T14:00:00.000000+02:00"])
def test_a_moment_is_kept_in_utc(text: str) -> None:
    assert MOMENT.validate_python(text) == datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert MOMENT.dump_json(MOMENT.validate_python(text)) == b'"2026-11-26T12:00:00.000Z"'


def test_money_is_never_cut() -> None:
    assert MONEY.validate_json(f'"{MAX_AMOUNT}"') == MAX_AMOUNT
    for wrong in ("0" * 90 + "5", str(MAX_AMOUNT + 1), "1" * 79, "-1", "1.0", "٣"):
        with pytest.raises(ValidationError):
            MONEY.validate_python(wrong)
