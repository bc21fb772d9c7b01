# SPDX-License-Identifier: GPL-2.0-only
"""Runs a program's probes in a child process: wrong code may crash it, or never end."""

import json
import mmap
import os
import signal
import struct

from . import checks
from .machine import Machine, Unloadable

LIMIT = 120   # seconds for all probes of a driver on one kernel
MOST_CRASHES = 12
PURE_ARGUMENTS = (0x10000000, 3)  # as the driver's own init() calls them


def judge(program, elf, world):
    """As checks.run_all(); a crash is a difference, and the probes behind it run all the same.
    Besides {"pure": {number of a probe: value}}."""
    crashed, differences = [], []
    while True:
        found, died, at = _once(program, elf, world, crashed)
        if found is not None:
            found["differences"] += differences
            return found
        differences.append((at, "the code runs", "a result", died))
        crashed.append(at)
        if at < 0 or len(crashed) > MOST_CRASHES:
            return {"numbers": 0, "types": [], "differences": differences, "skipped": len(program.probes), "pure": {}}


def _once(program, elf, world, without):
    """(result or None, why it died, probe that it was at or -1)"""
    at = mmap.mmap(-1, 8)
    at[:8] = struct.pack("<q", -1)
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        code = 1
        try:
            signal.alarm(LIMIT)
            with os.fdopen(send, "w") as out:
                json.dump(_run(program, elf, world, without, at), out)
            code = 0
        except Unloadable as problem:
            os.write(2, f"oracle: {world.release}: {problem}\n".encode())
        finally:
            os._exit(code)
    os.close(send)
    with os.fdopen(receive) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
        return json.loads(text), "", -1
    number, = struct.unpack("<q", at[:8])
    died = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "trouble in the oracle"
    return None, died, number


def _run(program, elf, world, without, at):
    run = Machine(elf)
    run.use_table("ORACLE_TABLE", len(program.probes))

    def progress(number):
        at[:8] = struct.pack("<q", number)

    probes = [probe for probe in program.probes if probe.number not in without]
    found = checks.run_all(probes, run, world, progress)
    found["pure"] = {}
    for probe in probes:
        if probe.pure:
            progress(probe.number)
            found["pure"][probe.number] = run.call(probe, *PURE_ARGUMENTS)
    return found
