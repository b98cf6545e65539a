"""The demo as a newcomer runs it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a password of the demo"


def _demo(**env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "examples/demo.py"],
        cwd=ROOT,
        env={**os.environ, "ONCE": "1", **env},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


@pytest.mark.timeout(180)
def test_demo_ends_after_the_receipt() -> None:
    done = _demo(DEMO_PASSWORD=PASSWORD)
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("readings", "spent", "refund", "balance of the driver", "transaction"):
        assert word in done.stdout
    for name in ("DEMO-1", "DEMO-2", "DEMO-3"):
        assert re.search(rf"station +{name} did:ethr:", done.stdout)
    assert re.search(r"history +\d\d+ sessions and a dispute, marked as generated", done.stdout)
    assert re.search(rf"page +http://\S+ sign in as demo, password {PASSWORD}", done.stdout)


@pytest.mark.timeout(180)
def test_demo_stays_up_until_it_is_interrupted() -> None:
    with subprocess.Popen(
        [sys.executable, "examples/demo.py"],
        cwd=ROOT,
        env={**os.environ, "STOP_AFTER_WH": "500"},
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        seen = ""
        for line in demo.stdout:
            seen += line
            if "Ctrl-C ends the demo" in line:
                break
        assert "Ctrl-C ends the demo" in seen
        assert demo.poll() is None
        password = re.search(r"password (\S+)\)", seen)
        assert password is not None
        assert len(password[1]) >= 12
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0


def test_demo_fails_when_its_chain_can_not_start() -> None:
    done = _demo(ANVIL="/bin/false")
    assert done.returncode == 1
    assert "failed" in done.stdout
