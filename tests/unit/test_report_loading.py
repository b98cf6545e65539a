"""What reports alone need is loaded when the first report is asked for."""

import subprocess
import sys

PROGRAM = """
import sys
import sdk.cli, session_manager.__main__
before = "numpy" in sys.modules
import sdk.records.sessions
print(before, "numpy" in sys.modules)
"""


def test_services_and_commands_begin_without_numpy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["False", "True"]
