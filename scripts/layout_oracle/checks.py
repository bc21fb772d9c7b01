# SPDX-License-Identifier: GPL-2.0-only
"""What each kind of probe must do on a kernel: its code is run and held against the rules.

Each check is a generator of Numbers, (what, right, found); right and found are equal, or it
is a difference.  `world` has the kernel's types; places and sizes are bytes.
"""

import struct
from dataclasses import dataclass

from . import machine as m
from .own_types import OptionOf, Unknown, up

VALUE = 0x6A5B5C5D5E4F6071


@dataclass
class Number:
    what: str
    right: object
    found: object
    definition: object = None

    @property
    def differs(self):
        return self.right != self.found


def signed(value):
    return value - 2**64 if value >= 2**63 else value


def size(probe, run, world):
    d, found = probe.owner, run.call(probe)
    if d.by_rule:
        yield Number("size", d.layout(world)[0], found)
        return
    world.measured.setdefault(d.name, {})["size"] = found
    align = d.alignment(world)
    yield Number(f"size {found} modulo the alignment {align}", 0, found % align)
    least = sum(type.layout(world)[0] for _, type in d.members)
    yield Number(f"size {found} is at least the members' {least}", True, found >= least)
    # In whatever order; an Option has a tag besides.
    most = sum(up(type.layout(world)[0], align) for _, type in d.members) + (align if isinstance(d, OptionOf) else 0)
    yield Number(f"size {found} is at most {most}, each member rounded up", True, found <= most)


def place(probe, run, world):
    d, path = probe.owner, probe.data["path"]
    found = signed((run.call(probe, run.a) - run.a) % 2**64)
    member = probe.data.get("member")
    if d.by_rule or member is None:
        yield Number(f"place of {path.text}", path.offset(world), found)
        return
    known = world.measured.setdefault(d.name, {})
    known[member] = found
    length, align = path.type.layout(world)
    yield Number(f"place {found} of {path.text} modulo the alignment {align}", 0, found % align)
    if "size" in known:
        yield Number(f"place {found} of {path.text} ({length} bytes) is inside of {known['size']} bytes", True,
                     0 <= found and found + length <= known["size"])
    for other, type in d.members:
        if other != member and other in known:
            end = known[other] + type.layout(world)[0]
            apart = found >= end or found + length <= known[other]
            yield Number(f"place {found} of {path.text} ({length} bytes) overlaps {other} at {known[other]}..{end}",
                         False, not apart and length > 0)


def written(run, probe, backgrounds, buffer, arguments):
    """{offset: byte} of what a call changes, over all backgrounds."""
    found = {}
    for background in backgrounds:
        run.prepare(buffer, background)
        run.call(probe, *arguments)
        found.update(m.changes(background, run.watched(buffer)))
    return found


def spelled(bytes_at):
    """{offset: byte} as text."""
    return {offset: f"{byte:02x}" for offset, byte in sorted(bytes_at.items())[:24]}


def write(probe, run, world):
    path, width = probe.data["path"], probe.data["width"]
    at = path.offset(world)
    right = {at + i: byte for i, byte in enumerate((VALUE % 256**width).to_bytes(width, "little"))}
    found = written(run, probe, (m.EMPTY, m.FULL), run.a, (run.a, VALUE))
    yield Number(f"bytes that {path.text} = VALUE writes", spelled(right), spelled(found))


def read(probe, run, world):
    path, width = probe.data["path"], probe.data["width"]
    run.prepare(run.a, m.MIXED)
    right = run.read(run.a + path.offset(world), width)
    found = (run.call(probe, run.a) % 256**width).to_bytes(width, "little")
    yield Number(f"bytes that are read for {path.text}", right.hex(), found.hex())


def copy(probe, run, world):
    length = probe.owner.layout(world)[0] * probe.data.get("count", 1)
    run.prepare(run.b, m.MIXED)
    found = written(run, probe, (m.FLIPPED,), run.a, (run.a, run.b))
    yield Number("bytes that are copied", m.ranges(range(length)), m.ranges(found))
    wrong = [offset for offset, byte in found.items() if byte != m.MIXED[offset + m.BEFORE]]
    yield Number("bytes that are copied and not the source's", "nothing", m.ranges(wrong))


def fill(probe, run, world):
    length = probe.owner.layout(world)[0]
    found = written(run, probe, (m.FULL,), run.a, (run.a, 0))
    yield Number("bytes that become 0", m.ranges(range(length)), m.ranges(o for o, byte in found.items() if byte == 0))
    yield Number("bytes that become another value", "nothing", m.ranges(o for o, byte in found.items() if byte != 0))


def stride(probe, run, world):
    times = probe.data.get("times", 5)
    right = probe.owner.layout(world)[0] * times * probe.data.get("sign", 1)
    yield Number(f"distance of {times} elements", right, signed((run.call(probe, run.a, times) - run.a) % 2**64))


def multiple(probe, run, world):
    yield Number("bytes of 7 elements", 7 * probe.owner.layout(world)[0], run.call(probe, run.a, 7))


def same_as_second(probe, run, world):
    probe.owner.layout(world)
    yield Number("elements between two of distance 5", 5, run.call(probe, run.a, 5))


def alignment(probe, run, world):
    d = probe.owner
    yield Number("alignment", d.layout(world)[1] if d.by_rule else d.alignment(world), run.call(probe))


def static_numbers(probe, run, world):
    width, numbers = probe.data["width"], probe.data["numbers"]
    data = run.read(run.call(probe), width * len(numbers))
    for i, (text, value) in enumerate(numbers):
        found = int.from_bytes(data[i * width:(i + 1) * width], "little")
        yield Number(text, value(world) % 256**width, found)


def constant(probe, run, world):
    yield Number("constant", probe.data["value"](world) % 2**64, run.call(probe))


def _held(probe, world):
    """(bytes of the whole static, place of the value in it)"""
    data, each = probe.data, probe.owner.layout(world)[0]
    return each * data["count"], each * data["index"] + data["path"].offset(world)


def _right_bytes(probe, world, value):
    whole, at = _held(probe, world)
    right = bytearray(whole)
    width = probe.data["width"]
    right[at:at + width] = (value % 256**width).to_bytes(width, "little")
    return {offset: byte for offset, byte in enumerate(right) if byte}


def static_value(probe, run, world):
    whole, _ = _held(probe, world)
    found = run.read(run.call(probe), whole)
    right = _right_bytes(probe, world, probe.data["value"])
    yield Number("bytes of a static that are not 0", spelled(right),
                 spelled({offset: byte for offset, byte in enumerate(found) if byte}))


def static_pointer(probe, run, world):
    start = run.call(probe, 0)
    pointer, = struct.unpack("<Q", run.read(run.call(probe, 1), 8))
    yield Number("where a static's pointer points in another", _held(probe, world)[1], signed((pointer - start) % 2**64))


def static_written(probe, run, world):
    whole, _ = _held(probe, world)
    start = run.call(probe, 0)
    run.call(probe, 1, VALUE)
    found = run.read(start, whole)
    yield Number("bytes of a static that are written", spelled(_right_bytes(probe, world, VALUE)),
                 spelled({offset: byte for offset, byte in enumerate(found) if byte}))


def payload(probe, run, world):
    run.prepare(run.a, m.EMPTY)
    found = run.call(probe, run.a)
    yield Number("place of what the first variant holds", probe.owner.offset(world, 0), signed((found - run.a) % 2**64))


def variant(probe, run, world):
    d = probe.owner
    at, length = d.offset(world, 0), d.members[0][1].layout(world)[0]
    run.prepare(run.b, m.BITS)
    found = written(run, probe, (m.EMPTY, m.FULL), run.a, (run.a, run.b))
    whole = d.layout(world)[0]
    yield Number("bytes outside of the enum that are written", "nothing",
                 m.ranges(o for o in found if not 0 <= o < whole))
    after = run.watched(run.a)[m.BEFORE:]
    yield Number("the tag", 0, int.from_bytes(after[:d.tag_size], "little"))
    yield Number(f"what is held, {length} bytes at {at}", m.BITS[m.BEFORE:m.BEFORE + length].hex(),
                 after[at:at + length].hex())


def _inner_place(probe, run, world, address):
    whole = probe.owner.layout(world)[0]
    length, align = probe.owner.members[0][1].layout(world)
    at = signed((address - run.a) % 2**64)
    yield Number(f"place {at} of what it holds is inside and aligned", True,
                 0 <= at <= whole - length and at % align == 0)
    yield Number(f"what it holds, {length} bytes at {at}", m.BITS[m.BEFORE:m.BEFORE + length].hex(),
                 run.read(run.a + at, length).hex())


def some(probe, run, world):
    run.prepare(run.b, m.BITS)
    run.prepare(run.a, m.FULL)
    address = run.call(probe, run.a, run.b)
    yield from _inner_place(probe, run, world, address)
    whole = probe.owner.layout(world)[0]
    outside = [o for o in m.changes(m.FULL, run.watched(run.a)) if not 0 <= o < whole]
    yield Number("bytes outside that are written", "nothing", m.ranges(outside))


def take(probe, run, world):
    length = probe.owner.members[0][1].layout(world)[0]
    run.prepare(run.b, m.BITS)
    run.write(run.b + m.BEHIND // 2, b"\xee" * (length + 64))
    yield Number("there is something to take", 1, run.call(probe, run.a, run.b))
    found = run.read(run.b + m.BEHIND // 2, length + 1)
    yield Number(f"what is taken out, {length} bytes", m.BITS[m.BEFORE:m.BEFORE + length].hex() + "ee", found.hex())


def run_all(probes, run, world, progress):
    """Each probe in order: {"numbers": how many, "types": names, "differences": [...], "skipped": how many}.
    progress(number of a probe) is told before it runs."""
    numbers, types, skipped, differences = 0, set(), 0, []
    for probe in probes:
        progress(probe.number)
        try:
            found = list(probe.check(probe, run, world))
        except Unknown:
            skipped += 1
            continue
        numbers += len(found)
        types.add(probe.owner.name)
        differences += [(probe.number, number.what, str(number.right), str(number.found))
                        for number in found if number.differs]
    return {"numbers": numbers, "types": sorted(types), "differences": differences, "skipped": skipped}
