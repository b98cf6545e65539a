"""The transactions of a charge point in the order in which they were told, by pages."""

from cpg_world import World, soon

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.transaction_log import LoggedTransaction, read_transaction_ids, read_transactions_of


async def read_transactions(
    bus: Bus,
    cp: str,
    *,
    newest_first: bool = True,
    after: int | None = None,
    limit: int = 100,
) -> tuple[LoggedTransaction, ...]:
    """Read one page, as the HTTP API does."""
    ids = await read_transaction_ids(bus, cp, newest_first=newest_first, after=after)
    return await read_transactions_of(bus, cp, ids[:limit])


async def test_each_transaction_is_in_the_log_once(world: World, cp: str) -> None:
    await world.permit(cp, "A")
    at = soon(0)
    async with world.point(cp) as point:
        first = (await point.start("A", timestamp=at))["transactionId"]
        again = await point.start("A", timestamp=at)
        assert again["transactionId"] == first
        await point.meter((soon(1), 350), transaction_id=first)
        (running,) = await read_transactions(world.bus, cp)
        assert (running.energy_wh, running.stopped_at, running.meter_stop_wh) == (250, None, None)
        await point.stop(first, reason="EVDisconnected")
        second = (await point.start("B", 2))["transactionId"]
    async with world.point(cp) as point:
        assert (await point.start("A", timestamp=at))["transactionId"] == first
    newest, oldest = await read_transactions(world.bus, cp)
    assert (newest.transaction_id, newest.connector_id, newest.id_tag) == (second, 2, "B")
    assert (newest.id_tag_status, newest.energy_wh) == ("Invalid", 0)
    assert (oldest.transaction_id, oldest.id_tag, oldest.id_tag_status) == (first, "A", "Accepted")
    assert (oldest.meter_start_wh, oldest.meter_stop_wh, oldest.energy_wh) == (100, 600, 500)
    assert oldest.stop_reason == "EVDisconnected"
    assert oldest.stopped_at is not None


async def test_it_is_read_by_pages_from_both_ends(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        ids = [(await point.start("A", meterStart=n))["transactionId"] for n in range(5)]
    (written,) = await world.bus.read_blobs([keys.transaction_ids(cp)])
    assert len(written) == 20
    for newest_first, expected in ((True, ids[::-1]), (False, ids)):
        seen: list[int] = []
        while page := await read_transactions(
            world.bus, cp, newest_first=newest_first, after=seen[-1] if seen else None, limit=2
        ):
            seen += [one.transaction_id for one in page]
        assert seen == expected
    assert await read_transactions(world.bus, cp, after=max(ids) + 1) == ()
    assert await read_transactions(world.bus, "CP-never-seen") == ()
