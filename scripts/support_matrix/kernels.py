# SPDX-License-Identifier: GPL-2.0-only
"""The kernels: which were asked for, and each with its modules in the cache."""

import re
from dataclasses import dataclass
from pathlib import Path

from .common import CACHE, TOP, Failure, run, say

SERIES = ["6.18", "6.19", "7.0", "7.1", "7.2", "7.3"]
FLAVOURS = ["amd64", "cloud-amd64", "rt-amd64"]


@dataclass
class Kernel:
    series: str
    flavour: str
    release: str = ""  # "": the archive has none
    folder: Path = None
    has_modules: bool = False
    rustc: str = ""

    @property
    def label(self):
        return self.release or f"{self.series} {self.flavour}"


def split_release(release):
    """"7.2.12+deb13-rt-amd64" is of the series 7.2 and the flavour rt-amd64."""
    match = re.fullmatch(r"(\d+\.\d+)[^-]*-((?:cloud-|rt-)?amd64)", release)
    if not match:
        raise Failure(f"'{release}' is neither SERIES FLAVOUR nor a release")
    return match[1], match[2]


def select(which):
    """MATRIX: nothing (the newest of each), `all`, or "7.2 amd64,7.2.12+deb13-amd64"."""
    if not which:
        return [Kernel(series, flavour) for series in SERIES for flavour in FLAVOURS]
    if which == "all":
        listed = run(TOP / "scripts/stock-kernel", "--list").stdout.splitlines()
        releases = [line.split()[0] for line in listed if line]
        found = [Kernel(*split_release(release), release) for release in releases]
        found = [kernel for kernel in found if kernel.series in SERIES]
        if not found:
            raise Failure("stock-kernel --list has no kernel of the series " + " ".join(SERIES))
        return found
    kernels = []
    for word in filter(None, (word.strip() for word in which.split(","))):
        series, _, flavour = word.partition(" ")
        kernels.append(Kernel(series, flavour) if flavour else Kernel(*split_release(word), word))
    return kernels


def fetch(kernel):
    """With its modules if the archive still has them."""
    wanted = [kernel.release] if kernel.release else [kernel.series, kernel.flavour]
    for options in (["--modules"], []):
        done = run(TOP / "scripts/stock-kernel", *options, *wanted, check=False)
        if done.returncode == 0:
            break
    else:
        why = (done.stderr.strip().splitlines() or ["stock-kernel failed"])[-1]
        say(f"{kernel.label}: {why}")
        kernel.release = ""
        return
    kernel.folder = Path(done.stdout.strip())
    kernel.release = kernel.folder.name
    kernel.has_modules = (kernel.folder / "kernel").is_dir()
    record = CACHE / "matrix/rustc" / kernel.release
    if not record.is_file():
        rustc = run(TOP / "scripts/kernel-rustc", kernel.folder, check=False)
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(rustc.stdout.strip() if rustc.returncode == 0 else "not known")
    kernel.rustc = record.read_text()
    say(f"{kernel.release}: " + ("with its modules" if kernel.has_modules else
                                 "its modules are not in the archive"))
