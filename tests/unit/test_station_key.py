"""The keystore of a new station: taken away when refused, kept when a station may have it."""

from pathlib import Path

import pytest

from sdk.errors import InvalidInputError, UnavailableError
from sdk.station_key import StationKey


@pytest.mark.parametrize(
    ("error", "kept"), [(InvalidInputError, 0), (UnavailableError, 1), (KeyboardInterrupt, 1)]
)
def test_a_key_goes_only_where_nobody_can_have_it(
    tmp_path: Path, error: type[BaseException], kept: int
) -> None:
    with pytest.raises(error), StationKey(tmp_path, "p").kept_on_success():
        raise error
    assert len(list(tmp_path.iterdir())) == kept
