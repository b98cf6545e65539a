"""Where files are fetched and put, without what gives access to them. Pure."""

_LONGEST = 512


def shown_location(url: str) -> str:
    """Give a URL without user, password, query and fragment.

    It rather takes off too much: a password may hold a `/` or an `@` that nobody escaped.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "", url
    rest = rest.rpartition("@")[2]
    for mark in "?#":
        rest = rest.partition(mark)[0]
    return f"{scheme}{separator}{rest}"[:_LONGEST]
