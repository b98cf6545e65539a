"""A station that nobody can dial, in a network namespace of its own: its way leads over a hub."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import netns_world
import pytest

WORLD = str(Path(netns_world.__file__))
WHY_NOT = netns_world.can_be_made()


@pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))
async def test_a_driver_charges_there(tmp_path: Path) -> None:
    for part in ("internet", "station"):
        (tmp_path / part).mkdir()
    command = ("unshare", "-Urn", sys.executable, WORLD, str(tmp_path))
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    told, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()[-4000:]
    events = {event["event"]: event for event in map(json.loads, told.splitlines())}
    assert events["dialled"]["error"], "the station can be dialled: nothing is shown here"
    receipt = events["receipt"]["receipt"]
    assert receipt["outcome"] == "settled"
    assert receipt["energy_wh"] >= 400
    assert int(receipt["spent"]) + int(receipt["refund"]) == int(receipt["deposit"])
    assert int(receipt["spent"]) > 0
