# SPDX-License-Identifier: GPL-2.0-only
"""What the oracle's parts share: places, running programs, progress."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("RACE_CACHE", Path.home() / ".cache/race"))
RACE = os.environ.get("RACE", str(TOP / "build/race"))
KERNELS = ["7.2 amd64", "7.2 rt-amd64", "7.3 amd64", "7.0 amd64", "6.19 amd64", "6.18 amd64", "6.18 rt-amd64"]

_started = time.monotonic()


class Failure(Exception):
    """Something that the oracle cannot do without."""


@dataclass
class Refusal:
    """phase: build or resolve.  lines: of oracle.rs, that the message names.
    probes: numbers of those that it names.  types: names of the own types that it names."""
    phase: str
    code: str
    message: str
    lines: list = field(default_factory=list)
    probes: list = field(default_factory=list)
    types: list = field(default_factory=list)


def elapsed():
    """Seconds since the start."""
    return time.monotonic() - _started


def say(text):
    print(f"oracle: [{elapsed():5.0f} s] {text}", flush=True)


def run(*command):
    """Runs a program; its output is text.  The exit status is for the caller to judge.  When this
    program is stopped, so is what that one has started."""
    program = subprocess.Popen([str(word) for word in command], text=True, errors="replace", start_new_session=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        stdout, stderr = program.communicate()
    except BaseException:
        os.killpg(program.pid, signal.SIGTERM)
        raise
    return subprocess.CompletedProcess(command, program.returncode, stdout, stderr)


def stock_kernel(which):
    """The folder of "7.2 rt-amd64" or of a release; a folder stays one."""
    if Path(which).is_dir():
        return Path(which)
    done = run(TOP / "scripts/stock-kernel", *which.split())
    if done.returncode != 0:
        raise Failure(f"no kernel {which}: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    return Path(done.stdout.strip())
