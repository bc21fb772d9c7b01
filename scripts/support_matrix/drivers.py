# SPDX-License-Identifier: GPL-2.0-only
"""The drivers: which there are, and each built once from unmodified source."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from .common import CACHE, RACE, TOP, Failure, hash_of, load_json, locked, run, save_json, say


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


def build_new(driver, sdk, source, out, rcrate):
    """Always in the same folder: its path is in what the driver says."""
    shutil.rmtree(source, ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    source.mkdir(parents=True)
    for file, name in files_of(driver):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, source / name)
    (source / "Kbuild").write_text(kbuild_of(driver))
    done = run(RACE, "build", "--sdk", sdk, "-o", out, source, check=False)
    log, built = done.stdout + done.stderr, done.returncode == 0 and rcrate.is_file()
    # Killed, or out of room: that says nothing of the driver.
    if not built and "RACE-E" not in log:
        raise Failure(f"race build {driver.name}: exit status {done.returncode}\n{log}")
    # What failed is tried again the next time: it is being looked into.
    if built:
        record = {"log": None, "notes": re.findall(r"^race: note: (.*)$", log, re.M)}
        save_json(out / "result.json", record)
        return record
    return {"log": log}


def build(driver, sdk):
    """Builds it, or takes what was built of the same by the same programs."""
    folder = CACHE / "matrix/drivers" / driver.name
    key = hash_of(*(part for file in files_of(driver) for part in file), kbuild_of(driver), TOP / "build/race-build", str(sdk))
    out = folder / key
    rcrate = out / f"{driver.name}.rcrate"
    with locked(f"matrix-{driver.name}"):
        record = load_json(out / "result.json") or \
            build_new(driver, sdk, folder / "source", out, rcrate)
    driver.notes = record.get("notes", [])
    driver.problem = None if record["log"] is None else explain(record["log"])
    driver.rcrate = None if driver.problem else rcrate
    say(f"{driver.name}: " + (f"not built, {driver.problem['code']}: {driver.problem['reason']}"
                              if driver.problem else f"built, {rcrate.stat().st_size} bytes"))
