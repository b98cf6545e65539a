"""Passwords of people: what one has to be, and its argon2id hash (RFC 9106), made beside the loop.

At most two are hashed at once: each takes `MEMORY_KIB`, and a core.
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sdk.errors import InvalidInputError, UnavailableError

T = TypeVar("T")

SHORTEST, LONGEST = 12, 200
"""Characters of a password."""
MEMORY_KIB, ROUNDS, LANES = 64 * 1024, 3, 1
_AT_ONCE = 2
_MOST_WAITING = 40
_FEWEST_DIFFERENT = 5
_BESIDE_THE_NAME = 8


class WeakPasswordError(InvalidInputError):
    """The password is too short, too long, or can be guessed."""


class TooManySignInsError(UnavailableError):
    """So many passwords wait to be checked that one more would wait for long; try again."""


def check_new_password(password: str, name: str) -> None:
    """Refuse a password that somebody of this name may not take. Raises WeakPasswordError."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPasswordError(f"a password has {SHORTEST} to {LONGEST} characters")
    if len(set(password)) < _FEWEST_DIFFERENT:
        raise WeakPasswordError("a password has more different characters than this one")
    beside = _normal(password).casefold().replace(name.casefold(), "")
    if name and len(name) > 1 and len(beside) < min(len(password), _BESIDE_THE_NAME):
        raise WeakPasswordError("a password is more than the name")


class Passwords:
    """Hashes passwords and compares them."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher`: with which parameters; the usual ones if None."""
        self._hasher = hasher or PasswordHasher(ROUNDS, MEMORY_KIB, LANES)
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """Hash a password. Raises TooManySignInsError."""
        return await self._in_turn(lambda: self._hasher.hash(_normal(password)))

    async def match(self, hashed: str | None, password: str) -> bool:
        """Tell whether this is the password; without a hash it takes as long, and is False.

        Raises TooManySignInsError.
        """
        if self._nobodys is None:
            self._nobodys = await self.hash(secrets.token_hex())
        nobodys = self._nobodys
        is_right = await self._in_turn(lambda: self._is_right(hashed or nobodys, password))
        return is_right and bool(hashed)

    def is_outdated(self, hashed: str) -> bool:
        """Tell whether a hash was made with other parameters than a new one would be."""
        return self._hasher.check_needs_rehash(hashed)

    def _is_right(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, _normal(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= _MOST_WAITING:
            raise TooManySignInsError("Too many passwords are being checked; try again.")
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def _normal(password: str) -> str:
    """Two keyboards write the same letter in two ways."""
    return unicodedata.normalize("NFC", password)
