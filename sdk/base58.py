"""Base58 in Bitcoin's alphabet, as peer ids and DID keys are written. Pure."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(data: bytes) -> str:
    """Write bytes in base58; each leading zero byte is a leading 1."""
    number = int.from_bytes(data)
    digits = ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return _ALPHABET[0] * zeros + digits


def from_base58(text: str) -> bytes:
    """Read what `base58` writes. Raises ValueError for a letter that is none of it."""
    number = 0
    for letter in text:
        number = number * len(_ALPHABET) + _ALPHABET.index(letter)
    ones = len(text) - len(text.lstrip(_ALPHABET[0]))
    return bytes(ones) + number.to_bytes((number.bit_length() + 7) // 8, "big")
