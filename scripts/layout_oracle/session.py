# SPDX-License-Identifier: GPL-2.0-only
"""A run of the oracle: drivers one after the other, what is refused of them, what differs."""

import collections
import random
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from . import child, generate, program as programs
from .common import Refusal, say
from .own_types import Definition

MOST_BUILDS = 14   # of one driver: each refusal takes something out of it
SHOWN = 12         # differences that are printed whole


@dataclass
class Count:
    layouts: int = 0      # own types on kernels, with a number compared
    types: int = 0        # own types
    numbers: int = 0
    skipped: int = 0      # probes that need a number which was refused
    drivers: int = 0
    given_up: int = 0     # drivers that were refused to the end
    builds: int = 0
    differences: int = 0
    by_kind: collections.Counter = field(default_factory=collections.Counter)      # probes compared
    refused: collections.Counter = field(default_factory=collections.Counter)      # (phase, code, what)
    examples: dict = field(default_factory=dict)                                   # the same -> message


class Session:
    """backend: backends.Race or Rustc.  worlds: btf.World of each kernel.  boot: see boot.py, or None."""

    def __init__(self, backend, worlds, pool, options, boot=None):
        self.backend, self.worlds, self.pool, self.options, self.boot = backend, worlds, pool, options, boot
        self.count = Count()
        self.differing = []

    def program(self, index):
        """The driver of that number: it depends on the seed and the pool alone."""
        rng = random.Random(f"{self.options.seed}/{index}")
        made = generate.Generator(rng, self.pool, wide=index % 8 == 7,
                                  holding=self.options.holding).run(self.options.types)
        return programs.write(rng, made, lambda type: type.fields if self.any_field(index) else type.kept)

    def any_field(self, index):
        """Whether it names fields that the SDK's small layouts leave out: such a driver takes longer to build."""
        return index % 6 == 5

    def refuse(self, refusal, what):
        key = (refusal.phase, refusal.code, what)
        self.count.refused[key] += 1
        self.count.examples.setdefault(key, refusal.message)

    def blamed(self, program, refusal, folder):
        """The probes and definitions that a refusal is about."""
        named = [program.lines[line] for line in refusal.lines if line in program.lines]
        if named and "rustc" in refusal.code:  # it names all of its errors at once
            return list({id(what): what for what in named}.values())
        probes = [what for what in named if isinstance(what, programs.Probe)] + \
            [program.probes[number] for number in refusal.probes if number < len(program.probes)]
        types = [what for name in refusal.types for what in program.definitions if what.name == name]
        return (probes or named or types)[:1] or self.bisect(program, folder)

    def bisect(self, program, folder):
        """Each definition holds only earlier ones: the shortest beginning that is refused ends with the reason."""
        low, high = 0, len(program.definitions)
        while high - low > 1 and self.count.builds < self.builds_before + 2 * MOST_BUILDS:
            middle = (low + high) // 2
            part = program
            for definition in program.definitions[middle:]:
                if any(definition is other for other in part.definitions):
                    part = part.without(definition)
            self.count.builds += 1
            if self.backend.build(part, folder):
                high = middle
            else:
                low = middle
        return [program.definitions[high - 1]] if high else []

    def build(self, program, folder):
        """The program without what is refused, or None."""
        self.builds_before, seen = self.count.builds, collections.Counter()
        while self.count.builds < self.builds_before + MOST_BUILDS and program.probes:
            self.count.builds += 1
            refusal = self.backend.build(program, folder)
            if not refusal:
                return program
            blamed = self.blamed(program, refusal, folder)
            if not blamed:
                self.refuse(refusal, "a whole driver")
                return None
            for what in blamed:
                kind = type(what).__name__ if isinstance(what, Definition) else what.kind
                self.refuse(refusal, kind)
                self.tell_refused(refusal, what)
                program = program.without(what)
                seen[kind] += 1
                # What is refused again and again is left out of this driver.
                if seen[kind] > 1 and not isinstance(what, Definition):
                    for probe in [probe for probe in program.probes if probe.kind == kind]:
                        program = program.without(probe)
        return None

    def tell_refused(self, refusal, what):
        if self.options.verbose:
            source = what.declare() if isinstance(what, Definition) else [*what.owner.declare(), *what.items, what.source]
            say(f"refused: {refusal.message}\n    " + "\n    ".join(source))

    def driver(self, index):
        folder = Path(tempfile.mkdtemp(prefix="race-oracle."))
        try:
            whole = self.program(index)
            if self.options.only:
                whole = only(whole, self.options.only)
            program = self.build(whole, folder)
            if self.options.keep:
                shutil.copytree(folder, Path(self.options.keep) / f"{self.options.seed}-{index}", dirs_exist_ok=True)
            self.count.drivers += 1
            if not program:
                self.count.given_up += 1
                say(f"driver {index}: given up after {self.count.builds - self.builds_before} builds")
                return
            self.count.types += len(program.definitions)
            self.judge(index, whole, program, folder)
        finally:
            shutil.rmtree(folder)
            self.backend.forget()

    def judge(self, index, whole, program, folder):
        before = self.count.numbers, self.count.layouts, self.count.differences
        there = 0
        for world in self.worlds:
            code = self.backend.code(world, folder)
            if isinstance(code, Refusal):
                self.refuse(code, f"on {world.release}")
                continue
            there += 1
            found = child.judge(program, code, world)
            if self.boot:
                found["differences"] += self.boot(program, found["pure"], world, folder)
            self.count.numbers += found["numbers"]
            self.count.layouts += len(found["types"])
            self.count.skipped += found["skipped"]
            self.count.differences += len(found["differences"])
            self.count.by_kind.update(probe.kind for probe in program.probes)
            for number, what, right, wrong in found["differences"]:
                self.differ(index, program, number, world, what, right, wrong)
        say(f"driver {index}: {len(program.definitions)} types, {len(program.probes)} of {len(whole.probes)} probes, "
            f"{there} kernels: {self.count.layouts - before[1]} layouts, {self.count.numbers - before[0]} numbers, "
            f"{self.count.differences - before[2]} differ; {self.count.builds - self.builds_before} builds")

    def differ(self, index, program, number, world, what, right, wrong):
        probe = program.probes[number] if number >= 0 else None
        self.differing.append((index, world.release, probe.kind if probe else "-", what))
        if len(self.differing) > SHOWN:
            return
        print(f"  DIFFERENCE on {world.release}, {probe.kind if probe else 'the whole'}: {what}")
        print(f"    scripts/oracle {self.options.draws} --driver {index}" + (f" --only {probe.owner.name}" if probe else ""))
        print(f"    right {right}\n    found {wrong}")
        if probe:
            for definition in needed(probe.owner):
                print("    " + "\n    ".join(definition.declare()))
            print("    " + "\n    ".join(line.replace("STATIC", f"S{number}") for line in [*probe.items, probe.source]))


def needed(definition):
    """It and what it holds, in the order of the source."""
    found = []
    for own in definition.uses:
        found += [other for other in needed(own) if other not in found]
    return found + [definition]


def only(program, name):
    """The program of one type and what it holds."""
    wanted = [d for d in program.definitions if d.name == name]
    keep = {id(d) for d in (needed(wanted[0]) if wanted else [])}
    for definition in reversed(program.definitions):
        if id(definition) not in keep and any(definition is other for other in program.definitions):
            program = program.without(definition)
    return program


def report(count, worlds, pool, seed):
    """Lines."""
    out = [f"{count.drivers} drivers of seed {seed}, {count.types} own types over {len(pool.types)} kernel types, "
           f"{count.builds} builds, {count.given_up} drivers given up"]
    if count.refused:
        out.append("refused, which is no difference:")
        for (phase, code, what), number in sorted(count.refused.items()):
            out.append(f"  {number:5} {phase} {code} ({what}): {count.examples[(phase, code, what)][:230]}")
    out.append("compared: " + ", ".join(f"{kind} {number}" for kind, number in sorted(count.by_kind.items())))
    out.append(f"{count.layouts} layouts on {len(worlds)} kernels, {count.numbers} numbers compared, "
               f"{count.differences} differ")
    return out
