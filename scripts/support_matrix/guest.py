# SPDX-License-Identifier: GPL-2.0-only
"""Runs drivers on a kernel: one guest for all, a fresh one after each that failed."""

import re
import tempfile
from pathlib import Path

from .common import TOP, Failure, run

SEVERAL = TOP / "tests/guest/several.sh"
TABLE = TOP / "tests/guest/devices.asl"
PROGRAM = TOP / "build/guest/misc_device_test"
# Seconds for one driver's script, and for a guest to come up.
SCRIPT_LIMIT, BOOT_LIMIT = 200, 120
NOT_STARTED, TIME_UP, PANICKED = 120, 124, 125
CRASH = re.compile(r"Oops|BUG:|kernel BUG at|general protection|unable to handle|Kernel panic|panicked at")

# What decides about a result beside the driver, the kernel and the driver's own script.
INPUTS = [SEVERAL, TABLE, TOP / "qemu/guest/init", TOP / "qemu/guest/lib.sh"]


def compiled_table(work):
    run("iasl", "-p", work / "devices", TABLE)
    return work / "devices.aml"


def depends_of(module):
    return run("modinfo", "-F", "depends", module).stdout.strip()


def parts_of(output):
    """{driver: (lines, status or None when it did not come to its end)}"""
    parts, name = {}, None
    for line in output.splitlines():
        begins = re.fullmatch(r"# driver (\S+) begins", line)
        ends = re.fullmatch(r"# driver (\S+) ends (\d+)", line)
        if begins:
            name = begins[1]
            parts[name] = ([], None)
        elif ends and ends[1] == name:
            parts[name] = (parts[name][0], int(ends[2]))
            name = None
        elif name:
            parts[name][0].append(line)
    return parts


def verdict(lines, status, ending):
    """state, reason of one driver's part of the output."""
    passed = sum(1 for line in lines if re.match(r" *ok \d", line))
    bad = [line.strip() for line in lines if re.match(r" *not ok \d", line)]
    said = [line[2:] for line in lines if line.startswith(("# dmesg_clean:", "# kernel:"))]
    crashed = next((line for line in said if CRASH.search(line)), None)
    if status is None:
        return "crashed", ending
    if crashed:
        return "crashed", crashed.partition(": ")[2]
    if status == 77:
        why = next((line for line in lines if "# SKIP" in line), "no check was made")
        return "failed", "not exercised: " + why.partition("# SKIP ")[2]
    if status != 0:
        return "failed", "; ".join(bad[:2] + said[:1]) or f"its script ended with status {status}"
    loads = next((line for line in lines if line.startswith("# loads only: ")), None)
    if loads:
        return "loads", loads.removeprefix("# loads only: ")
    return ("works", f"{passed} checks") if passed else ("failed", "no check was made")


def complaint_in(log, name):
    """The kernel's first line of a crash on the console while that driver's script ran: the
    script itself may not have come to look for it."""
    text = log.read_text(errors="replace") if log.is_file() else ""
    mine = text.partition(f"# driver {name} begins")[2].partition(f"# driver {name} ends")[0]
    return next((re.sub(r"^\[[ 0-9.]*\] *", "", line.strip()) for line in mine.splitlines()
                 if re.match(r"\[[ 0-9.]*\]", line) and CRASH.search(line)), None)


def boot(kernel, drivers, modules, log):
    """One guest.  Gives {driver: {state, reason}} of those that it came to."""
    with tempfile.TemporaryDirectory(prefix="race-matrix-") as work:
        work = Path(work)
        several, options, own = [], [], set()
        for driver in drivers:
            depends = depends_of(modules[driver.name])
            own.update(driver.own_modules + [name for name in depends.split(",") if name])
            several.append(f"{driver.name} {driver.script.name} {depends or '-'} {driver.params or '-'}\n")
            options += ["--ko", modules[driver.name],
                        "--file", f"{driver.script}:/race/scripts/{driver.script.name}"]
        (work / "several").write_text("".join(several))
        if kernel.has_modules:
            for name in sorted(own):
                options += ["--own-module", name]
        limit = BOOT_LIMIT + SCRIPT_LIMIT * len(drivers)
        done = run(TOP / "qemu/run", "--kernel", kernel.folder, "--no-load", *options,
                   "--file", f"{work}/several:/race/several", "--file", f"{PROGRAM}:/race/bin/{PROGRAM.name}",
                   "--device", "pci-testdev", "--acpi-table", compiled_table(work),
                   "--env", "SECONDS_THREADS=2", "--env", "CYCLES=10", "--env", f"SEVERAL_TIMEOUT={SCRIPT_LIMIT}",
                   "--timeout", limit, "--log", log, "--test", SEVERAL, check=False)
    parts = parts_of(done.stdout)
    if done.returncode == NOT_STARTED or not parts:
        raise Failure(f"{kernel.release}: qemu/run: exit status {done.returncode}\n{done.stderr[-2000:]}")
    ending = "the guest stopped"
    if done.returncode == TIME_UP:
        ending = "the kernel hangs"
    elif done.returncode == PANICKED:
        first = next((line for line in done.stderr.splitlines() if CRASH.search(line)), "")
        ending = "panic: " + re.sub(r"^ *\| *(\[[ 0-9.]*\] *)?", "", first) if first else "the guest was reset"
    results = {}
    for name, (lines, status) in parts.items():
        state, reason = verdict(lines, status, ending)
        complaint = complaint_in(log, name) if state == "failed" else None
        if complaint:
            state, reason = "crashed", complaint
        # A panic after the last script's end is nobody else's.
        if done.returncode == PANICKED and name == list(parts)[-1] and state in ("works", "loads"):
            state, reason = "crashed", "after its end: " + ending
        results[name] = {"state": state, "reason": reason, "log": str(log)}
    return results


def run_drivers(kernel, drivers, modules, logs, done):
    """All of them, each attributed its own.  `done(driver, result)` as they come.

    Who fails in a guest that ran others before it is run again alone; that decides, and a
    result that was another the first time says so."""
    pending, number = list(drivers), 0
    while pending:
        number += 1
        results = boot(kernel, pending, modules, logs / f"{kernel.release}-{number}.log")
        for driver in [driver for driver in pending if driver.name in results]:
            result = results[driver.name]
            if result["state"] in ("crashed", "failed"):
                number += 1
                log = logs / f"{kernel.release}-{number}-{driver.name}.log"
                again = boot(kernel, [driver], modules, log)[driver.name]
                if again["state"] != result["state"]:
                    again["first"] = f"{result['state']}: {result['reason']} (log: {result['log']})"
                result = again
            pending.remove(driver)
            done(driver, result)
