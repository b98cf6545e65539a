"""A simulated charge point, on the `ocpp` package's own client class.

    python examples/charge_point.py --id CP1 --url ws://127.0.0.1:9000 --password … --speed 60

With `--speed 60` one second counts for a minute of charging. It prints one line per step. SIGUSR1
plugs a car in where there is none, and pulls the cable where there is one. A socket that is lost is
opened again, and what a transaction told meanwhile is told late, in order.

It knows every operation of OCPP 1.6 and its security extension, and does as a good one would.
`--answer ReserveNow=Rejected` and `--fail upload` make it a bad one.
"""

import asyncio
import logging
import signal
import sys

from simulated_charge_point import SimulatedChargePoint
from simulated_options import read_options


async def main() -> None:
    """Run until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    charge_point = SimulatedChargePoint(*read_options(__doc__ or ""))
    loop.add_signal_handler(signal.SIGUSR1, charge_point.replug)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with charge_point:
        await stopping.wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("ocpp").setLevel(logging.CRITICAL)
    asyncio.run(main())
