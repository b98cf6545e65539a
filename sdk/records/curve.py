"""Meter curves: collected reading by reading, then kept as differences of differences.

While a session runs, each reading is one `pack_reading` appended to its curve key. At its end the
key is read once, and `encode_curve` makes of it what stays.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from sdk.records.errors import CorruptRecordError
from sdk.records.varint import read_varints, unzigzag, write_varints, zigzag

READING_BYTES = 19
"""6 for ms since 1970, 7 for Wh, 5 for W with its sign, 1 for SoC in percent; big-endian."""
EVERY_READING = 10_000
"""So many readings are all collected; see `is_collected`."""
MOST_READINGS = 20_000
"""So many stay of a curve at the most."""
_NO_POWER = -(2**39)
_NO_SOC = 255


class Reading(NamedTuple):
    """One meter reading: ms since 1970, Wh of the meter's register, W and percent where told."""

    at_ms: int
    energy_wh: int
    power_w: int | None = None
    soc_percent: int | None = None


def pack_reading(reading: Reading) -> bytes:
    """Write one reading for the curve key; it needs nothing of those before."""
    power = _NO_POWER if reading.power_w is None else reading.power_w
    soc = reading.soc_percent
    return b"".join(
        (
            reading.at_ms.to_bytes(6),
            reading.energy_wh.to_bytes(7),
            power.to_bytes(5, signed=True),
            bytes([_NO_SOC if soc is None or not 0 <= soc < _NO_SOC else soc]),
        )
    )


def is_collected(number: int) -> bool:
    """Tell whether the reading after `number` others goes into the curve key.

    The first `EVERY_READING` do; then every second, from twice as many on every fourth, and so on:
    a day of readings once a second comes to some 26,000.
    """
    step: int = 1 << (number // EVERY_READING).bit_length()
    return number % step == 0


def unpack_readings(blob: bytes) -> list[Reading]:
    """Read what was collected. Raises CorruptRecordError."""
    if len(blob) % READING_BYTES:
        raise CorruptRecordError(f"a curve ends within a reading: {len(blob)} bytes")
    return [_unpack(blob[at : at + READING_BYTES]) for at in range(0, len(blob), READING_BYTES)]


def thinned(readings: Sequence[Reading], most: int = MOST_READINGS) -> tuple[Reading, ...]:
    """Leave out every second reading until no more than `most` are left; first and last stay."""
    kept = tuple(readings)
    while len(kept) > most:
        kept = kept[:-1:2] + kept[-1:]
    return kept


def encode_curve(readings: Sequence[Reading]) -> bytes:
    """Write readings column by column, to be compressed: lossless, whatever their order."""
    power = [reading.power_w for reading in readings]
    soc = [reading.soc_percent for reading in readings]
    return write_varints(
        chain(
            (len(readings),),
            _second_differences(reading.at_ms for reading in readings),
            _second_differences(reading.energy_wh for reading in readings),
            _sparse(power),
            _sparse(soc),
        )
    )


def decode_curve(data: bytes) -> tuple[Reading, ...]:
    """Read what `encode_curve` wrote. Raises CorruptRecordError."""
    numbers = read_varints(data)
    if not numbers or len(numbers) != 1 + 4 * numbers[0]:
        raise CorruptRecordError("a curve's columns differ in length")
    count = numbers[0]
    times, energies, power, soc = (numbers[1 + n * count :][:count] for n in range(4))
    columns = (_summed(times), _summed(energies), _dense(power), _dense(soc))
    return tuple(map(Reading, *columns))


def _unpack(data: bytes) -> Reading:
    power, soc = int.from_bytes(data[13:18], signed=True), data[18]
    return Reading(
        int.from_bytes(data[:6]),
        int.from_bytes(data[6:13]),
        None if power == _NO_POWER else power,
        None if soc == _NO_SOC else soc,
    )


def _second_differences(values: Iterable[int]) -> Iterator[int]:
    last = step = 0
    for value in values:
        difference = value - last
        yield zigzag(difference - step)
        last, step = value, difference


def _summed(numbers: Iterable[int]) -> Iterator[int]:
    value = step = 0
    for number in numbers:
        step += unzigzag(number)
        value += step
        yield value


def _sparse(values: Iterable[int | None]) -> Iterator[int]:
    """Give 0 where there is none, and else one more than the difference to the last one."""
    last = 0
    for value in values:
        if value is None:
            yield 0
        else:
            yield zigzag(value - last) + 1
            last = value


def _dense(numbers: Iterable[int]) -> Iterator[int | None]:
    value = 0
    for number in numbers:
        if number == 0:
            yield None
        else:
            value += unzigzag(number - 1)
            yield value
