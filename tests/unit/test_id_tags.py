"""The operators' register of idTags, over the memory bus."""

from datetime import UTC, datetime, timedelta

import pytest

from sdk.bus import keys
from sdk.bus.memory_bus import MemoryBus
from sdk.id_tags import (
    IdTagEntry,
    IdTagError,
    IdTagExistsError,
    IdTags,
    UnknownIdTagError,
    checked_entry,
    read_active,
    read_entry,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


async def test_a_tag_is_one_in_any_spelling() -> None:
    tags = IdTags(MemoryBus())
    await tags.add(IdTagEntry(tag="AbC", parent_id_tag="P", expires_at=LATER, max_active=3))
    with pytest.raises(IdTagExistsError, match="ABC is registered already"):
        await tags.add(IdTagEntry(tag="ABC"))
    changed = await tags.set("abc", status="Blocked", max_active=None, note="lost")
    assert await tags.get("aBC") == changed
    assert changed == IdTagEntry(
        tag="AbC", status="Blocked", parent_id_tag="P", expires_at=LATER, note="lost"
    )
    await tags.remove("ABC")
    assert await tags.find("AbC") is None
    for refused in (tags.get("abc"), tags.set("abc", note=""), tags.remove("abc")):
        with pytest.raises(UnknownIdTagError):
            await refused


async def test_tags_come_in_pages() -> None:
    tags = IdTags(MemoryBus())
    names = ["a", "B", "c", "D", "e"]
    for name in reversed(names):
        await tags.add(IdTagEntry(tag=name))
    seen: list[str] = []
    after: str | None = None
    for size in (2, 2, 1):
        page, after = await tags.list(after, 2)
        assert len(page) == size
        seen += [entry.tag for entry in page]
    assert (seen, after) == (names, None)
    page, after = await tags.list("b", 9)
    assert [entry.tag for entry in page] == ["c", "D", "e"]
    assert [entry.tag for entry in await tags.all()] == names


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "Accepted"),
        ({"expires_at": LATER}, "Accepted"),
        ({"expires_at": NOW}, "Expired"),
        ({"status": "Blocked", "expires_at": NOW}, "Blocked"),
        ({"max_active": 0}, "Blocked"),
        ({"max_active": 1}, "Accepted"),
    ],
)
def test_what_a_tag_is_follows_from_its_entry(fields: dict[str, object], status: str) -> None:
    assert IdTagEntry.model_validate({"tag": "T", **fields}).status_at(NOW) == status


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"tag": "x" * 21}, "tag: "),
        ({"tag": "é"}, "tag: an idTag is printable ASCII"),
        ({"tag": ""}, "tag: "),
        ({"tag": "T", "parent_id_tag": "a\n"}, "parent_id_tag: an idTag"),
        ({"tag": "T", "max_active": -1}, "max_active: "),
        ({"tag": "T", "status": "Invalid"}, "status: "),
        ({"tag": "T", "expires_at": datetime(2026, 1, 1)}, "expires_at: "),  # noqa: DTZ001
        ({"tag": "T", "note": "x" * 201}, "note: "),
    ],
)
def test_what_can_not_be_registered_is_named(fields: dict[str, object], where: str) -> None:
    with pytest.raises(IdTagError, match=f"^{where}"):
        checked_entry(fields)


def test_what_is_damaged_lets_nobody_charge() -> None:
    assert read_entry({}) is None
    assert read_entry({"tag": "T", "max_active": "many"}) is None
    assert read_active({"version": "3", "CP x": "y", "CP 7": "soon", "CP 8": NOW.isoformat()}) == [
        ("CP", 8, NOW)
    ]


async def test_who_charges_is_told_the_oldest_first() -> None:
    bus = MemoryBus()
    fields = {"CP2 5": LATER.isoformat(), "CP1 4": NOW.isoformat(), "version": "2"}
    await bus.write(keys.id_tag_active("TAG"), fields)
    assert await IdTags(bus).active("tag") == [("CP1", 4, NOW), ("CP2", 5, LATER)]
