"""API keys: made, listed and revoked; what is kept of one opens nothing.

A key is `nrm_<id>_<secret>` with 32 random bytes. Redis holds its HMAC-SHA256 under CREDENTIAL_KEY,
so that neither a copy of Redis nor a written value opens the API.
"""

import secrets
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit
from sdk.charge_point_config import password_hash, password_matches
from sdk.errors import InvalidInputError
from sdk.fields import Frozen, Moment, stored_moment
from sdk.ids import Clock, utc_now

Role = Literal["viewer", "operator", "administrator"]
ROLES: tuple[Role, ...] = ("viewer", "operator", "administrator")
"""Each may what those before it may."""
KeyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}$")]
RequestsPerMinute = Annotated[int, Field(ge=1, le=10_000_000)]

MOST_KEYS = 1_000
USED_EVERY = timedelta(minutes=10)
"""How exact `last_used_at` is."""
FORGOTTEN_AFTER = timedelta(days=90)
"""How long a revoked key is still listed."""
_PREFIX = "nrm"
_USED = "used:"
_ID_BYTES = 6
_SECRET_BYTES = 32
_LONGEST_KEY = 100
_OWNER = "api_keys"
"""Where a commit wants a charge point's id."""


class UnknownApiKeyError(InvalidInputError):
    """There is no API key of this id."""


class TooManyApiKeysError(InvalidInputError):
    """There are as many keys as there may be; revoke those that nobody needs."""


class ApiKey(Frozen):
    """What is known of a key; `requests_per_minute` None: as many as the service's setting says."""

    id: str
    name: str
    role: Role
    made_at: Moment
    last_used_at: Moment | None = None
    revoked_at: Moment | None = None
    requests_per_minute: RequestsPerMinute | None = None


class StoredKey(ApiKey):
    """A key as it is kept: with its keyed hash, which is shown to nobody."""

    hash: str = Field(repr=False)

    def shown(self) -> ApiKey:
        """Give what may be shown."""
        return ApiKey.model_validate(self.model_dump(exclude={"hash"}))


class ApiKeys:
    """The keys of all services; every method raises BusUnavailableError while Redis is away."""

    def __init__(self, bus: Bus, credential_key: str, clock: Clock = utc_now) -> None:
        """`credential_key` is CREDENTIAL_KEY: with another one, no key made before is right."""
        self._bus = bus
        self._credential_key = credential_key
        self._clock = clock

    async def make(
        self, name: str, role: Role, requests_per_minute: int | None = None
    ) -> tuple[ApiKey, str]:
        """Make a key; give it and its text, which cannot be had again.

        Raises TooManyApiKeysError.
        """
        await self._make_room()
        key_id, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
        text = f"{_PREFIX}_{key_id}_{secret}"
        key = StoredKey(
            id=key_id,
            name=name,
            role=role,
            made_at=self._clock(),
            requests_per_minute=requests_per_minute,
            hash=password_hash(text, self._credential_key),
        )
        await self._write(key)
        return key.shown(), text

    async def list(self) -> list[ApiKey]:
        """Give all keys, the oldest first; revoked ones for `FORGOTTEN_AFTER`."""
        found = await self.stored()
        return sorted((key.shown() for key in found.values()), key=lambda key: key.made_at)

    async def revoke(self, key_id: str) -> ApiKey:
        """Let a key open nothing any more. Raises UnknownApiKeyError."""
        key = (await self.stored()).get(key_id)
        if key is None:
            raise UnknownApiKeyError("there is no such API key")
        if key.revoked_at is None:
            key = key.model_copy(update={"revoked_at": self._clock()})
            await self._write(key)
        return key.shown()

    async def stored(self) -> dict[str, StoredKey]:
        """Read all keys as they are kept, by id."""
        fields = await self._bus.read(keys.API_KEYS)
        found = {}
        for key_id, text in fields.items():
            if key_id.startswith(_USED):
                continue
            key = _read(text)
            if key is not None:
                used = fields.get(_USED + key_id)
                found[key_id] = key.model_copy(update={"last_used_at": stored_moment(used)})
        return found

    async def note_use(self, key_id: str) -> None:
        """Write down that a key was used just now."""
        await self._bus.write(keys.API_KEYS, {_USED + key_id: self._clock().isoformat()})

    def opens(self, key: StoredKey, text: str) -> bool:
        """Tell whether a text is this key, in constant time, and it is not revoked."""
        is_right = password_matches(key.hash, text, self._credential_key)
        return is_right and key.revoked_at is None

    async def _write(self, key: StoredKey) -> None:
        # when it was used last is in a field of its own, which nobody's change overwrites
        text = key.model_dump_json(exclude={"last_used_at"}, exclude_none=True)
        await self._bus.write(keys.API_KEYS, {key.id: text})

    async def _make_room(self) -> None:
        found = await self.stored()
        old = [key.id for key in found.values() if self._is_forgotten(key)]
        if len(found) - len(old) >= MOST_KEYS:
            raise TooManyApiKeysError(f"there are {MOST_KEYS} API keys, and no more may be")
        if old:
            gone = [name for key_id in old for name in (key_id, _USED + key_id)]
            await self._bus.apply(Commit(_OWNER, removed_fields={keys.API_KEYS: gone}))

    def _is_forgotten(self, key: StoredKey) -> bool:
        return key.revoked_at is not None and key.revoked_at < self._clock() - FORGOTTEN_AFTER


def id_of(text: str) -> str | None:
    """Give the id in the text of a key; None for what is none."""
    if len(text) > _LONGEST_KEY:
        return None
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    return key_id if prefix == _PREFIX and key_id and secret else None


def is_at_least(role: Role, least: Role) -> bool:
    """Tell whether a role may what `least` may."""
    return ROLES.index(role) >= ROLES.index(least)


def _read(text: str) -> StoredKey | None:
    try:
        return StoredKey.model_validate_json(text)
    except ValidationError:
        return None
