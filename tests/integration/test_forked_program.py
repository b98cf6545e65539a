"""A program that is forked knows nothing that one just started would not know."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from forked_program import ROOT, ForkedProgram
from noroam_cli import NOROAM, NoroamCli

PROBE = """
import asyncio, gc, json, locale, logging, os, random, resource, signal, sys, threading, warnings

def main():
    if len(sys.argv) > 2:
        os.kill(os.getpid(), int(sys.argv[2]))
    loggers = [logging.root, *map(logging.getLogger, sorted(logging.root.manager.loggerDict))]
    told = {
        "random": random.random(),
        "argv": sys.argv[1:],
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "stdin": sys.stdin.read(),
        "terminals": [os.isatty(number) for number in range(3)],
        "streams": [(s.encoding, s.errors, s.line_buffering)
                    for s in (sys.stdin, sys.stdout, sys.stderr)],
        "descriptors": [n for n in map(int, os.listdir("/proc/self/fd"))
                        if os.path.exists(f"/proc/self/fd/{n}")],
        "threads": (threading.active_count(), len(os.listdir("/proc/self/task"))),
        "signals": {s.name: str(signal.getsignal(s)) for s in signal.valid_signals()
                    if isinstance(s, signal.Signals)},
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "limits": [resource.getrlimit(getattr(resource, name)) for name in dir(resource)
                   if name.startswith("RLIMIT_")],
        "mask": os.umask(0o22),
        "group": (os.getpgrp(), os.getsid(0)),
        "flags": str(sys.flags),
        "locale": locale.setlocale(locale.LC_ALL),
        "warnings": list(map(str, warnings.filters)),
        "loggers": [(each.name, each.level, len(each.handlers)) for each in loggers],
        "policy": str(type(asyncio.get_event_loop_policy())),
        "collector": (gc.isenabled(), gc.get_threshold()),
        "excepthook": sys.excepthook is sys.__excepthook__,
        "modules": sorted(name for name in sys.modules if name not in EXPECTED),
        "path": sys.path,
    }
    sys.stdout.write(json.dumps(told))
    sys.stderr.write("told")
    return 7

EXPECTED = ("fork_server", "probe")
"""
FRESH = """
import importlib, signal, socket, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.pop(0)
for module in sys.argv.pop(1).split(","): importlib.import_module(module)
import probe
sys.exit(probe.main())
"""
GIVEN = {"REDIS_URL": "redis://nowhere", "TZ": "Asia/Tokyo"}


@pytest.fixture
def probe(tmp_path: Path) -> ForkedProgram:
    """Another program on the process that runs `noroam`."""
    (tmp_path / "probe.py").write_text(PROBE)
    return dataclasses.replace(NOROAM, entry="probe:main")


def path_of(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def fresh(folder: Path) -> Any:
    result = subprocess.run(
        [sys.executable, "-c", FRESH, ",".join(NOROAM.loaded), "one"],
        env={"PATH": os.environ["PATH"], **GIVEN, **path_of(folder)},
        cwd=folder,
        input="typed",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (7, "told")
    return json.loads(result.stdout)


def test_it_finds_what_a_fresh_process_finds(probe: ForkedProgram, tmp_path: Path) -> None:
    (one, other) = (
        probe.run(["probe", "one"], GIVEN | path_of(tmp_path), tmp_path, "typed") for _ in range(2)
    )
    assert (one.returncode, one.stderr) == (7, "told")
    found, again, expected = json.loads(one.stdout), json.loads(other.stdout), fresh(tmp_path)
    assert len({each.pop("random") for each in (found, again, expected)}) == 3
    assert found == again
    assert found == expected


def test_a_signal_is_its_exit_code(probe: ForkedProgram, tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
        result = probe.run(["probe", "", str(int(number))], path_of(tmp_path), tmp_path)
        assert result.returncode == -number
        assert ("KeyboardInterrupt" in result.stderr) == (number is signal.SIGINT)


def test_what_python_reads_at_its_start_cannot_be_given(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PYTHONHASHSEED"):
        NoroamCli(tmp_path, {}).ended("version", PYTHONHASHSEED="0")
