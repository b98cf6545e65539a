"""Timestamps as firmware in the field writes them. Pure."""

import re
from datetime import UTC, datetime, timedelta, timezone

_LONGEST = 64
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NOON = 12

_SECONDS = 1e8, 1e10
"""From 1973 to 2286; multiplied by 1000 it is the range of milliseconds, and so on."""
_SCALES = 1, 1_000, 1_000_000, 1_000_000_000

_RARE_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d))?((?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)?)", re.ASCII
)
_DIGITS = re.compile(r"[0-9]{9,}")
_EPOCH = re.compile(r"[0-9]{9,20}(?:\.[0-9]{0,9})?", re.ASCII)
_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,:](?P<fraction>\d{1,12}))?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?"
)
_ZONE = r" ?(?:z|utc|gmt|ut|(?P<sign>[+-])(?P<zone_hour>\d{1,2})(?::?(?P<zone_minute>\d\d))?)?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})"
_YEAR = r"(?P<year>\d{4})"
_COMPACT = rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)"
_DATES = (
    rf"{_YEAR}[-/. ](?P<month>\d{{1,2}})[-/. ]{_DAY}",
    _COMPACT,
    rf"(?P<first>\d{{1,2}})(?P<mark>[-/.])(?P<other>\d{{1,2}})(?P=mark){_YEAR}",
    rf"{_WEEKDAY}{_DAY}[- ]{_MONTH}[- ]{_YEAR}",
    rf"{_WEEKDAY}{_MONTH} {_DAY},? {_YEAR}",
)
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"{_COMPACT}(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?",
        *(rf"{date}(?:(?:t|,? ){_TIME}{_ZONE})?" for date in _DATES),
        rf"{_WEEKDAY}{_MONTH} {_DAY} {_TIME}{_ZONE} {_YEAR}",
    )
)


def read_iso_time(text: str) -> datetime | None:
    """Read ISO 8601, with or without fraction and offset (none: UTC); None for anything else."""
    text = text.strip()
    if len(text) > _LONGEST or _DIGITS.fullmatch(text):
        return None  # an epoch, in some of which `datetime` would see a date
    try:
        return _in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return _read_rare_iso(text)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _read_rare_iso(text: str) -> datetime | None:
    """Read what ISO 8601 and RFC 3339 allow and `datetime` does not: small t and z, 24:00, :60."""
    found = _RARE_ISO.fullmatch(text)
    if found is None:
        return None
    date, hour, minute, second, rest = found.groups()
    is_midnight = hour == "24" and int(minute) == 0 and int(second or 0) == 0
    is_leap = second == "60"
    time = f"{'00' if is_midnight else hour}:{minute}:{'59' if is_leap else second or '00'}"
    try:
        moment = _in_utc(datetime.fromisoformat(f"{date}T{time}{rest.upper()}"))
        return moment + timedelta(days=is_midnight, seconds=is_leap)
    except (ValueError, OverflowError):
        return None


def read_odd_time(value: object) -> datetime | None:
    """Read a timestamp in any form that has one meaning, in UTC; None where there is none.

    Epoch seconds to nanoseconds as number or text, dates in the order of year, month, day or with
    the month's name (RFC 2822, asctime), 26.11.2026, and with slashes where only one of the two
    numbers can be the month. No zone means UTC.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value)
    if len(text) > _LONGEST:
        return None
    try:
        return _read_text(" ".join(text.split()).lower())
    except (ValueError, OverflowError):
        return None


def _read_text(text: str) -> datetime | None:
    moment = _read_epoch(text) or read_iso_time(text.upper())
    if moment is not None:
        return moment
    found = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
    return None if found is None else _moment(found.groupdict())


def _read_epoch(text: str) -> datetime | None:
    if _EPOCH.fullmatch(text) is None:
        return None
    lowest, highest = _SECONDS
    value = float(text)
    scale = next((s for s in _SCALES if lowest * s <= value < highest * s), None)
    return None if scale is None else datetime.fromtimestamp(value / scale, UTC)


def _moment(found: dict[str, str | None]) -> datetime | None:
    day_and_month = _day_and_month(found)
    if day_and_month is None:
        return None
    day, month = day_and_month
    moment = datetime(
        int(found["year"] or 0),
        month,
        day,
        _hour(found),
        int(found["minute"] or 0),
        int(found["second"] or 0),
        int((found.get("fraction") or "").ljust(6, "0")[:6]),
        tzinfo=_zone(found),
    )
    return moment.astimezone(UTC)


def _day_and_month(found: dict[str, str | None]) -> tuple[int, int] | None:
    if found.get("mark") is None:
        name = found.get("name")
        month = _MONTHS.index(name) + 1 if name else int(found["month"] or 0)
        return int(found["day"] or 0), month
    first, second = int(found["first"] or 0), int(found["other"] or 0)
    if found["mark"] == "." or first > len(_MONTHS) or first == second:
        return first, second
    return (second, first) if second > len(_MONTHS) else None


def _hour(found: dict[str, str | None]) -> int:
    hour = int(found["hour"] or 0)
    if found.get("half") is None:
        return hour
    if not 1 <= hour <= _NOON:
        raise ValueError("no hour of half a day")
    return hour % _NOON + (_NOON if found["half"] == "p" else 0)


def _zone(found: dict[str, str | None]) -> timezone:
    if found.get("sign") is None:
        return UTC
    offset = timedelta(hours=int(found["zone_hour"] or 0), minutes=int(found["zone_minute"] or 0))
    return timezone(-offset if found["sign"] == "-" else offset)
