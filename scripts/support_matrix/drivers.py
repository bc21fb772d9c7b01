# SPDX-License-Identifier: GPL-2.0-only
"""The drivers: which there are, and each built once from unmodified source."""

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from .common import TOP, Failure, run, say


@dataclass
class Driver:
    name: str  # of the module
    sources: list  # of the kernel tree
    script: Path  # of tests/guest
    own_modules: list
    params: str
    rcrate: Path = None  # None: not built
    notes: list = field(default_factory=list)  # what `race build` says of one that it built
    problem: dict = None  # then: code, reason, text


def read_table(path, tree):
    """drivers.txt, or one of its form."""
    drivers = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split()
        if len(words) != 4:
            raise Failure(f"{path}:{number}: four columns are needed")
        name, _, sources = words[0].rpartition("=")
        sources = [tree / source for source in sources.split(",")]
        for file in sources + [TOP / "tests/guest" / words[1]]:
            if not file.is_file() and not (file.is_dir() and file in sources):
                raise Failure(f"{path}:{number}: there is no {file}")
        drivers.append(Driver(name or sources[0].stem, sources, TOP / "tests/guest" / words[1],
                              [] if words[2] == "-" else words[2].split(","),
                              "" if words[3] == "-" else words[3]))
    return drivers


def files_of(driver):
    """(file, name in the driver's folder) of all its sources; of a folder, what is in it."""
    for source in driver.sources:
        if source.is_file():
            yield source, source.name
            continue
        for file in sorted(source.rglob("*")):
            if file.is_file() and file.suffix in (".rs", ".h"):
                yield file, str(file.relative_to(source))


def kbuild_of(driver):
    text = f"obj-m := {driver.name}.o\n"
    objects = [source.stem + ".o" for source in driver.sources if source.is_file()]
    if objects != [f"{driver.name}.o"]:
        objects = " ".join(objects)
        text += f"ccflags-y += -I$(src)\n{driver.name}-y := {objects}\n"
    return text


def explain(log):
    """Code and few words of what `race build` says."""
    code = re.search(r"RACE-E\d{4}", log)
    gate = re.search(r'#\[cfg\((CONFIG_\w+(?: = "\w")?)\)\]', log)
    first = re.search(r"^race: RACE-E\d{4}: (.*)$", log, re.M)
    if gate:
        reason = f"the base kernel has no `{gate[1]}`"
    elif first:
        # What is wrong stands behind the place and the name.
        reason = re.sub(r" \(.*\)$", "", first[1].rpartition(": ")[2])
    else:
        reason = "race build failed"
    # What make says about itself is the same for all.
    text = "\n".join(line for line in log.strip().splitlines()
                     if not re.match(r"make(\[\d+\])?: |  [A-Z]{2,}( \[M\])? +\S+$", line))
    return {"code": code[0] if code else "", "reason": reason, "text": text}


def build(driver, sdk):
    """Builds it, or takes what was built of the same by the same programs."""
    out = TOP / "build/matrix-drivers"
    with tempfile.TemporaryDirectory(prefix="race-matrix-") as work:
        for file, name in files_of(driver):
            (Path(work) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, Path(work) / name)
        (Path(work) / "Kbuild").write_text(kbuild_of(driver))
        done = run(TOP / "scripts/build-rcrate", "--sdk", sdk, "-o", out, work, check=False)
    log, built = done.stdout + done.stderr, done.returncode == 0
    # Killed, or out of room: that says nothing of the driver.
    if not built and "RACE-E" not in log:
        raise Failure(f"race build {driver.name}: exit status {done.returncode}\n{log}")
    driver.notes = re.findall(r"^race: note: (.*)$", log, re.M) if built else []
    driver.problem = None if built else explain(log)
    driver.rcrate = out / f"{driver.name}.rcrate" if built else None
    say(f"{driver.name}: " + (f"built, {driver.rcrate.stat().st_size} bytes" if built else
                              f"not built, {driver.problem['code']}: {driver.problem['reason']}"))
