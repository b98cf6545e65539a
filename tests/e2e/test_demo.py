"""The demo as a newcomer runs it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _demo(**env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "examples/demo.py"],
        cwd=ROOT,
        env={**os.environ, "ONCE": "1", **env},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_demo_ends_after_the_receipt() -> None:
    done = _demo()
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("readings", "spent", "refund", "balance of the driver", "transaction"):
        assert word in done.stdout


def test_demo_fails_when_its_chain_can_not_start() -> None:
    done = _demo(ANVIL="/bin/false")
    assert done.returncode == 1
    assert "failed" in done.stdout
