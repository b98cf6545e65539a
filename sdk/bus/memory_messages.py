"""The message logs of charge points, in memory."""

from sdk.bus import keys
from sdk.bus.limits import Limits
from sdk.bus.memory_store import MemoryStore
from sdk.bus.messages import MessageBatch, MessageEntry, MessagePage
from sdk.bus.stream_ids import START, normal, position


def append_messages(store: MemoryStore, limits: Limits, batch: MessageBatch) -> None:
    """Add one batch, unless it was the last that was added."""
    counts = store.hashes[keys.counts(batch.charge_point_id)]
    if counts.get("batch") == batch.batch_id:
        return
    counts["batch"] = batch.batch_id
    for name, number in batch.counts.items():
        counts[name] = str(int(counts.get(name, "0")) + number)
    stream = store.streams[keys.messages(batch.charge_point_id)]
    for entry in batch.entries:
        stream.append({"d": entry.decode()})
    kept, size = 0, 0
    for _, fields in reversed(stream.after("0", len(stream))):
        size += len(fields["d"])
        if kept == limits.message_entries or (kept and size > limits.message_bytes):
            break
        kept += 1
    stream.keep_newest(kept)


def message_page(store: MemoryStore, charge_point_id: str, after: str, count: int) -> MessagePage:
    """Read entries behind `after`."""
    stream = store.streams[keys.messages(charge_point_id)]
    after = normal(after)
    found = [
        MessageEntry(entry_id, fields["d"].encode())
        for entry_id, fields in stream.after(after, count)
    ]
    return MessagePage(found, after != START and position(stream.first_id) > position(after))
