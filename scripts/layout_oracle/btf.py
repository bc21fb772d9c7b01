# SPDX-License-Identifier: GPL-2.0-only
"""A kernel's types, read from its image by code of our own.

Nothing here is the project's: the image is unpacked by zstd or xz, its .BTF section found
and decoded in Python.  Sizes and offsets are in bytes where nothing else is said.
"""

import struct
import subprocess
from pathlib import Path

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF = 1, 2, 3, 4, 5, 6, 7, 8
VOLATILE, CONST, RESTRICT, FUNC_PROTO, FLOAT, TYPE_TAG, ENUM64 = 9, 10, 11, 13, 16, 18, 19
NAMES_ONLY = (TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG)
# Bytes behind the 12 of each type: fixed, and for each of its vlen entries.
FIXED = {INT: 4, ARRAY: 12, 14: 4, 17: 4}
EACH = {STRUCT: 12, UNION: 12, ENUM: 8, 13: 8, 15: 12, ENUM64: 12}


class Unreadable(Exception):
    """An image that this reader does not know."""


def vmlinux_of(image):
    """The unpacked kernel of a vmlinuz, by the boot protocol's fields, as bytes."""
    data = Path(image).read_bytes()
    if data[:4] == b"\x7fELF":
        return data
    if data[514:518] != b"HdrS":
        raise Unreadable(f"{image}: no kernel image")
    start = (data[497] + 1) * 512 + struct.unpack_from("<I", data, 584)[0]
    payload = data[start:start + struct.unpack_from("<I", data, 588)[0]]
    programs = {b"\x28\xb5\x2f\xfd": ["zstd", "-dcq"], b"\xfd7zX": ["xz", "-dc"]}
    program = programs.get(payload[:4])
    if not program:
        raise Unreadable(f"{image}: its compression is not known here")
    # The build puts the unpacked size in four bytes behind the compressed kernel.
    return subprocess.run(program, input=payload[:-4], stdout=subprocess.PIPE, check=True).stdout


def section_of(elf, name):
    """The bytes of the section of that name in an ELF file of 64 bits."""
    table, = struct.unpack_from("<Q", elf, 40)
    entry_size, count, names = struct.unpack_from("<HHH", elf, 58)
    headers = [struct.unpack_from("<IIQQQQIIQQ", elf, table + i * entry_size) for i in range(count)]
    strings = headers[names][4]
    for header in headers:
        at = strings + header[0]
        if elf[at:elf.index(b"\0", at)] == name.encode():
            return elf[header[4]:header[4] + header[5]]
    raise Unreadable(f"no section {name}")


class Btf:
    """The types of one kernel.  A type's id is its place in the table, as in BTF; 0 is void."""

    def __init__(self, data):
        magic, _, _, header = struct.unpack_from("<HBBI", data)
        if magic != 0xEB9F:
            raise Unreadable("no BTF of this byte order")
        types, types_length, strings, strings_length = struct.unpack_from("<IIII", data, 8)
        self.data = data
        self.strings = data[header + strings:header + strings + strings_length]
        self.at = [0]         # of each type: where it begins in data
        self.by_name = {}     # bytes -> ids of complete structs and unions, and of typedefs
        self.sizes, self.aligns = {}, {}
        here, end = header + types, header + types + types_length
        while here < end:
            name, info = struct.unpack_from("<II", data, here)
            kind, vlen = info >> 24 & 31, info & 0xFFFF
            if name and kind in (STRUCT, UNION, TYPEDEF):
                self.by_name.setdefault((kind == TYPEDEF, name), []).append(len(self.at))
            self.at.append(here)
            here += 12 + FIXED.get(kind, 0) + EACH.get(kind, 0) * vlen
        self.by_name = {(typedef, self._string(name)): ids for (typedef, name), ids in self.by_name.items()}

    def _string(self, offset):
        return self.strings[offset:self.strings.index(b"\0", offset)].decode()

    def kind(self, id):
        return 0 if id == 0 else struct.unpack_from("<I", self.data, self.at[id] + 4)[0] >> 24 & 31

    def _word(self, id):
        """The size of a type, or the type that it refers to."""
        return struct.unpack_from("<I", self.data, self.at[id] + 8)[0]

    def plain(self, id):
        """Without the names and qualifiers around it."""
        while self.kind(id) in NAMES_ONLY:
            id = self._word(id)
        return id

    def aggregate(self, name):
        """The struct or union of that name, or what a typedef of that name stands for.
        None: there is none, or there are several that differ."""
        ids = self.by_name.get((False, name)) or \
            {self.plain(id) for id in self.by_name.get((True, name), [])}
        ids = [id for id in ids if self.kind(id) in (STRUCT, UNION)]
        return ids[0] if len(ids) == 1 else None

    def target(self, id):
        """What a pointer points at."""
        return self.plain(self._word(id))

    def members(self, id):
        """[(name, offset in bits, type, width of a bit field or 0)]"""
        info, = struct.unpack_from("<I", self.data, self.at[id] + 4)
        found = []
        for i in range(info & 0xFFFF):
            name, type, offset = struct.unpack_from("<III", self.data, self.at[id] + 12 + i * 12)
            width = offset >> 24 if info >> 31 else 0
            found.append((self._string(name), offset & 0xFFFFFF if info >> 31 else offset, type, width))
        return found

    def array(self, id):
        """(type of the elements, their number)"""
        element, _, count = struct.unpack_from("<III", self.data, self.at[id] + 12)
        return element, count

    def size(self, id):
        id = self.plain(id)
        kind = self.kind(id)
        if kind in (INT, STRUCT, UNION, ENUM, ENUM64, FLOAT):
            return self._word(id)
        if kind == PTR:
            return 8
        if kind == ARRAY:
            element, count = self.array(id)
            return self.size(element) * count
        raise Unreadable(f"a type of kind {kind} has no size")

    def align(self, id):
        """The least that the members ask for: BTF does not tell explicit alignments.
        0: some member lies where its type does not allow it (a packed type)."""
        id = self.plain(id)
        if id not in self.aligns:
            kind = self.kind(id)
            if kind == ARRAY:
                found = self.align(self.array(id)[0])
            elif kind in (STRUCT, UNION):
                each = [(self.align(type), bits, width) for _, bits, type, width in self.members(id)]
                packed = any(not align or (not width and bits % (8 * align)) for align, bits, width in each)
                found = max([align for align, _, _ in each], default=1)
                found = 0 if packed or self._word(id) % found else found
            else:
                found = min(self.size(id), 16)
            self.aligns[id] = found
        return self.aligns[id]

    def field(self, id, name):
        """(offset in bytes, type) of a member, also of one of an unnamed member.
        None: there is none, or it is a bit field."""
        for member, bits, type, width in self.members(self.plain(id)):
            if member == name:
                return None if width or bits % 8 else (bits // 8, type)
            if not member and self.kind(self.plain(type)) in (STRUCT, UNION):
                inner = self.field(type, name)
                if inner:
                    return bits // 8 + inner[0], inner[1]
        return None

    def flat(self, id, base=0):
        """[(offset in bits, width in bits)] of all that is in a type, recursively."""
        id = self.plain(id)
        kind = self.kind(id)
        if kind == ARRAY:
            element, count = self.array(id)
            step = self.size(element) * 8
            return [part for i in range(min(count, 64)) for part in self.flat(element, base + i * step)]
        if kind not in (STRUCT, UNION):
            return [(base, self.size(id) * 8)]
        return [part for _, bits, type, width in self.members(id)
                for part in ([(base + bits, width)] if width else self.flat(type, base + bits))]


class World:
    """A kernel as the programs see it: its types, and what was measured of one driver there."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.release = self.folder.name
        self.btf = Btf(section_of(vmlinux_of(self.folder / "vmlinuz"), ".BTF"))
        # name of an own type whose layout is rustc's affair: {"size": bytes, member: offset}
        self.measured = {}

    def size(self, name):
        return self.btf.size(self.btf.aggregate(name))

    def offset(self, name, field):
        return self.btf.field(self.btf.aggregate(name), field)[0]
