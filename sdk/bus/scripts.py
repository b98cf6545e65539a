"""The Lua scripts, one file each beside this module."""

from importlib.resources import files

from redis.asyncio import Redis
from redis.commands.core import AsyncScript


def source(*names: str) -> str:
    """Read scripts by name and join them into one."""
    folder = files("sdk.bus")
    return "\n".join((folder / f"{name}.lua").read_text("utf-8") for name in names)


class Scripts:
    """Every script as something to call with `keys` and `args`; survives a failover."""

    def __init__(self, redis: Redis) -> None:
        def register(*names: str) -> AsyncScript:
            return redis.register_script(source(*names))

        self.publish = register("append", "publish")
        self.apply = register("append", "apply")
        self.report = register("append", "report")
        self.acquire_lease = register("acquire_lease")
        self.release_lease = register("release_lease")
        self.new_fence = register("new_fence")
        self.enter = register("enter")
        self.open_transaction = register("open_transaction")
        self.register_reader = register("register_reader")
        self.bury = register("bury")
        self.attempt = register("attempt")
        self.forgive = register("forgive")
