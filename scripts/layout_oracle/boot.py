# SPDX-License-Identifier: GPL-2.0-only
"""The same numbers where they are meant to be: the module is loaded on its kernel, under QEMU.

The driver's init() prints what each probe gives that needs no memory.  It must be what the
same code gave here.
"""

import re

from .backends import NAME
from .common import RACE, TOP, run

SCRIPT = TOP / "tests/guest/said.sh"


def run_on(module, world, log):
    """{number of a probe: value} that the module printed, and what went wrong, or None."""
    done = run(TOP / "qemu/run", "--kernel", world.folder, "--race", RACE, "--ko", module, "--env", f"SAYING={NAME}",
               "--append", "log_buf_len=4M", "--test", SCRIPT, "--log", log)
    said = {}
    for line in done.stdout.splitlines():
        match = re.search(r"probe (\d+) (\d+)$", line)
        if match:
            said[int(match[1])] = int(match[2])
    return said, None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["?"])[-1]


def differences(program, pure, world, folder):
    """As checks.run_all() has them."""
    said, problem = run_on(folder / f"{NAME}-{world.release}.ko", world, folder / "console.log")
    if problem:
        return [(-1, "the module runs", "yes", problem)]
    found = []
    for number, value in sorted((int(number), value) for number, value in pure.items()):
        if said.get(number) != value:
            found.append((number, "what the kernel printed", str(value), str(said.get(number))))
    return found
