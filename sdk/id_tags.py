"""The operators' register of idTags: who may charge at every charge point, beside the sessions.

An idTag is a CiString (OCPP 1.6, 4.1): it is found in any spelling, and told as it was registered.
The idTags of sessions are in a register of their own, one per charge point, and come first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Outcome, StateWrite
from sdk.errors import ChangedMeanwhileError, InvalidInputError, UnavailableError
from sdk.faults import plain_fault
from sdk.fields import Frozen, IdTag, Moment
from sdk.ids import new_event_id

IdTagStatus = Literal["Accepted", "Blocked", "Expired"]
"""What the register says of a tag that it knows (idTagInfo, 7.28)."""

_ATTEMPTS = 5
_PAGE = 100
_NO_PATH = (".", "..")
"""IdTags that no path of the HTTP API can name."""


def _printable(tag: str) -> str:
    if not tag.isprintable() or not tag.isascii():
        raise ValueError("an idTag is printable ASCII")
    return tag


PrintableIdTag = Annotated[IdTag, AfterValidator(_printable)]


class IdTagError(InvalidInputError):
    """What is asked of the register of idTags can't be; the text names the field."""


class IdTagExistsError(InvalidInputError):
    """This idTag is registered already, perhaps in another spelling."""


class UnknownIdTagError(InvalidInputError):
    """This idTag is not registered."""


class IdTagEntry(Frozen):
    """One idTag. `expires_at` None: for ever; `max_active` transactions at a time, None: any.

    `max_active` 0 is as good as Blocked. `note` is for people and told to no charge point.
    """

    tag: PrintableIdTag
    status: Literal["Accepted", "Blocked"] = "Accepted"
    parent_id_tag: PrintableIdTag | None = None
    expires_at: Moment | None = None
    max_active: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    note: Annotated[str, StringConstraints(max_length=200)] = ""

    def status_at(self, now: datetime) -> IdTagStatus:
        """Say what it is at `now`, its active transactions left out."""
        if self.status == "Blocked" or self.max_active == 0:
            return "Blocked"
        if self.expires_at is not None and now >= self.expires_at:
            return "Expired"
        return "Accepted"


class ActiveTransaction(NamedTuple):
    """A transaction that an idTag started and that was not stopped, as far as is known."""

    charge_point_id: str
    transaction_id: int
    since: datetime


class IdTags:
    """Adds, changes, removes and finds idTags; what is refused changes nothing.

    Every method raises BusUnavailableError while Redis does not answer.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def add(self, entry: IdTagEntry) -> None:
        """Register a new idTag. Raises IdTagExistsError, IdTagError."""
        if entry.tag in _NO_PATH:
            raise IdTagError(f"tag: {entry.tag} stands for a folder in a path")
        if not await self._write(entry, version=0):
            raise IdTagExistsError(f"idTag {entry.tag} is registered already")
        await self._bus.add_member(keys.ID_TAGS, entry.tag)

    async def set(
        self,
        tag: str,
        /,
        *,
        if_version: int | None = None,
        **changes: Any,  # noqa: ANN401 - values of any field
    ) -> IdTagEntry:
        """Change fields of an idTag, but not the tag itself, and give what it is now.

        With `if_version`, only while that is its `version`; else raises ChangedMeanwhileError.

        Raises UnknownIdTagError, IdTagError.
        """
        for _ in range(_ATTEMPTS):
            fields = await self._bus.read(keys.id_tag(tag))
            before = read_entry(fields)
            if before is None:
                raise _unknown(tag)
            version = int(fields["version"])
            if if_version not in (None, version):
                raise ChangedMeanwhileError("the idTag was changed")
            entry = checked_entry({**before.model_dump(), **changes, "tag": before.tag})
            if await self._write(entry, version=version):
                await self._bus.add_member(keys.ID_TAGS, entry.tag)
                return entry
        raise UnavailableError(f"idTag {tag} is being changed by others")

    async def remove(self, tag: str) -> None:
        """Take an idTag out; the transactions that it started go on. Raises UnknownIdTagError."""
        entry = await self.get(tag)
        await self._bus.remove_member(keys.ID_TAGS, entry.tag)
        await self._bus.delete(keys.id_tag(tag))

    async def get(self, tag: str) -> IdTagEntry:
        """Read one, in any spelling. Raises UnknownIdTagError."""
        entry = await self.find(tag)
        if entry is None:
            raise _unknown(tag)
        return entry

    async def find(self, tag: str) -> IdTagEntry | None:
        """Read one, in any spelling; None where there is none that can be read."""
        return read_entry(await self._bus.read(keys.id_tag(tag)))

    async def all(self) -> list[IdTagEntry]:
        """Read all, sorted by tag."""
        tags = sorted(await self._bus.members(keys.ID_TAGS), key=_order)
        parts = [tags[start : start + _PAGE] for start in range(0, len(tags), _PAGE)]
        return [entry for part in parts for entry in await self._read(part)]

    async def active(self, tag: str) -> list[ActiveTransaction]:
        """Read what it charges now at all charge points, the oldest first.

        One whose stop was never told is among them until the gateway has looked at it.
        """
        return read_active(await self._bus.read(keys.id_tag_active(tag)))

    async def _read(self, tags: Sequence[str]) -> list[IdTagEntry]:
        hashes = await self._bus.read_many([keys.id_tag(tag) for tag in tags])
        return [entry for entry in map(read_entry, hashes) if entry is not None]

    async def list(
        self, after: str | None = None, limit: int = _PAGE
    ) -> tuple[list[IdTagEntry], str | None]:
        """Read up to `limit`, sorted by tag, behind the tag `after`; and `after` of the next."""
        tags = sorted(await self._bus.members(keys.ID_TAGS), key=_order)
        behind = [tag for tag in tags if after is None or _order(tag) > _order(after)]
        chosen = behind[:limit]
        return await self._read(chosen), chosen[-1] if len(behind) > limit else None

    async def _write(self, entry: IdTagEntry, version: int) -> bool:
        key = keys.id_tag(entry.tag)
        fields = entry.model_dump(mode="json", exclude_none=True) | {"version": version + 1}
        text = {name: str(value) for name, value in fields.items()}
        write = StateWrite(key, text, expected_version=version, replace=True)
        # a cause, so that the repeat of a call whose answer was lost is no conflict with itself
        commit = Commit(keys.tag_owner(entry.tag), cause=new_event_id(), writes=[write])
        return await self._bus.apply(commit) is Outcome.APPLIED


def checked_entry(fields: Mapping[str, Any]) -> IdTagEntry:
    """Make an entry. Raises IdTagError, which names the field."""
    try:
        return IdTagEntry.model_validate(fields)
    except ValidationError as error:
        raise IdTagError(plain_fault(error)) from error


def read_entry(fields: Mapping[str, str]) -> IdTagEntry | None:
    """Read an entry as the register keeps it; None for none, or a damaged one."""
    if not fields:
        return None
    try:
        return IdTagEntry.model_validate(fields)
    except ValidationError:
        return None


def read_active(fields: Mapping[str, str]) -> list[ActiveTransaction]:
    """Read `id_tag_active`, the oldest first; what is damaged is left out."""
    found = []
    for name, since in fields.items():
        charge_point_id, _, number = name.partition(" ")
        if not number.isdecimal():
            continue
        try:
            moment = datetime.fromisoformat(since)
        except ValueError:
            continue
        found.append(ActiveTransaction(charge_point_id, int(number), moment))
    return sorted(found, key=lambda each: each.since)


def _order(tag: str) -> tuple[str, str]:
    return tag.casefold(), tag


def _unknown(tag: str) -> UnknownIdTagError:
    return UnknownIdTagError(f"idTag {tag} is not registered")
