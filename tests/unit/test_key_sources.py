"""Keys from the environment: read, and refused without a word of the secret."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from sdk.chain.accounts import new_key
from sdk.settings import SettingsError
from session_manager.key_sources import gas_key, station_keys

KEYS = [new_key() for _ in range(3)]
HEX = [key.secret.hex() for key in KEYS]


def test_station_keys_are_a_list_of_hex() -> None:
    text = f"{HEX[0]}, 0x{HEX[1]} ,,{HEX[2].upper()},"
    addresses = [key.address for key in station_keys(SecretStr(text))]
    assert addresses == [key.address for key in KEYS]
    assert station_keys(None) == ()


@pytest.mark.parametrize(
    "text", ["x" + HEX[1][1:], HEX[1][:-2], HEX[1] + "00", "0x", "00" * 32, "ff" * 32]
)
def test_what_is_no_key_is_named_by_its_place_alone(text: str) -> None:
    with pytest.raises(SettingsError) as error:
        station_keys(SecretStr(f"{HEX[0]},{text}"))
    assert str(error.value) == "STATION_KEYS: entry 2 is no secret of 32 bytes in hex"
    assert error.value.__suppress_context__


def test_a_key_that_comes_twice_is_refused() -> None:
    with pytest.raises(SettingsError, match="STATION_KEYS: entry 3 is entry 1 again"):
        station_keys(SecretStr(f"{HEX[0]},{HEX[1]},0x{HEX[0]}"))


async def test_the_gas_key_comes_from_one_place() -> None:
    key = await gas_key(SecretStr(f" 0x{HEX[0]} "), None, None)
    assert key.address == KEYS[0].address


@pytest.mark.parametrize(
    ("secret", "file", "password", "text"),
    [
        (HEX[0], "a.json", None, "GAS_KEY, GAS_KEY_FILE: give one of them, not both"),
        (None, None, "x", "GAS_KEY_FILE: is missing, and so is GAS_KEY"),
        (None, "a.json", None, "KEYS_PASSWORD: is missing; it opens GAS_KEY_FILE"),
        (HEX[0][:-1], None, None, "GAS_KEY: is no secret of 32 bytes in hex"),
        (None, "no.json", "x", "GAS_KEY_FILE or KEYS_PASSWORD: no.json: No such file"),
    ],
)
async def test_what_is_wrong_with_the_gas_key_is_told(
    secret: str | None, file: str | None, password: str | None, text: str
) -> None:
    with pytest.raises(SettingsError) as error:
        await gas_key(
            SecretStr(secret) if secret else None,
            Path(file) if file else None,
            SecretStr(password) if password else None,
        )
    assert str(error.value).startswith(text)
    assert not any(part[:16] in str(error.value) for part in HEX)
