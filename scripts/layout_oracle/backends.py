# SPDX-License-Identifier: GPL-2.0-only
"""What makes code for a kernel out of a program: RACE, or (a test of the oracle) rustc.

build(program, folder) gives None or a Refusal; code(world, folder) the bytes of an object
file for one kernel, or a Refusal.
"""

import re
import shutil
import tempfile
from pathlib import Path

from . import against_rustc
from .common import RACE, Refusal, run

NAME = "oracle"


def lines_of(text):
    """The lines of the program that messages name, in order, each once."""
    return list(dict.fromkeys(int(line) for line in re.findall(NAME + r"\.rs:(\d+)", text)))


def probes_of(text):
    """The numbers of probes whose function, static or constant a message names: oracle::p12, S12P, p12::C."""
    return [int(number) for number in re.findall(r"\b[pS](\d+)P?\b", text)]


def types_of(text):
    """The own types that a message names, the first one first; a generic one is T12G<...>."""
    return list(dict.fromkeys(re.findall(r"\b(T\d+)G?\b", text)))


def refusal(phase, text):
    """The first error with a code decides what it is counted as; with rustc's own code, where that is it."""
    lines = text.strip().splitlines() or ["?"]
    first = next((line for wanted in ("RACE-E", "error") for line in lines if wanted in line), lines[-1])
    code = re.search(r"RACE-(E\d+)", first)
    rustc = re.search(r"error\[(E\d+)\]", text)
    code = (code[1] if code else "none") + (f"/rustc {rustc[1]}" if rustc else "")
    return Refusal(phase, code, first.strip(), lines_of(text), probes_of(first), types_of(first))


class Race:
    """Built once, resolved for each kernel.

    sdk is seen through links: what `race build` adds to it for the fields that a random driver
    names is of no use to any other, and is removed."""

    def __init__(self, sdk):
        self.view = Path(tempfile.mkdtemp(prefix="race-oracle-sdk."))
        self.sdk = self.view / "sdk"
        self.sdk.mkdir()
        for entry in sdk.resolve().iterdir():
            if entry.name != "fields":
                (self.sdk / entry.name).symlink_to(entry)

    def forget(self):
        """What was made for one driver."""
        shutil.rmtree(self.sdk / "fields", ignore_errors=True)

    def close(self):
        shutil.rmtree(self.view, ignore_errors=True)

    def build(self, program, folder):
        driver = folder / NAME
        driver.mkdir(parents=True, exist_ok=True)
        (driver / "Kbuild").write_text(f"obj-m := {NAME}.o\n")
        (driver / f"{NAME}.rs").write_text(program.text())
        done = run(RACE, "build", "--sdk", self.sdk, "-o", folder, driver)
        (folder / "build.log").write_text(done.stdout + done.stderr)
        return None if done.returncode == 0 else refusal("build", done.stderr)

    def code(self, world, folder):
        module = folder / f"{NAME}-{world.release}.ko"
        done = run(RACE, "resolve", folder / f"{NAME}.rcrate", "--target", world.folder, "-o", module)
        return module.read_bytes() if done.returncode == 0 else refusal("resolve", done.stderr)


class Rustc:
    """Compiled for each kernel apart, with bindings from its BTF.  lie: see against_rustc."""

    def __init__(self, pool, lie=None):
        self.pool, self.lie = pool, lie
        self.program = None

    def forget(self):
        pass

    close = forget

    def build(self, program, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.program = program
        return None

    def code(self, world, folder):
        source, output = folder / f"{NAME}.rs", folder / f"{NAME}-{world.release}.o"
        source.write_text(self.program.text(against_rustc.head(world, self.pool, self.lie)))
        done = run("/usr/bin/rustc", *against_rustc.COMMAND, "-o", output, source)
        return output.read_bytes() if done.returncode == 0 else refusal("rustc", done.stderr)
