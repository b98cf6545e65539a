"""Text of strangers, made fit to be shown: anybody can write into a contract or a document."""


def printable(text: str) -> str:
    """Leave out what a terminal would not just show; a contract names itself as it likes."""
    return "".join(letter for letter in text if letter.isprintable())


def printable_value(value: bytes, longest: int) -> str:
    """Write an attribute's value as text if it is some, else in hexadecimal; cut at `longest`."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = ""
    shown = text if text and text.isprintable() else f"0x{value.hex()}"
    return shown if len(shown) <= longest else f"{shown[:longest]}…"
