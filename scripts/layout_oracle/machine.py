# SPDX-License-Identifier: GPL-2.0-only
"""A module (or any object file for x86-64) in this process's memory, its functions callable.

The probes' code needs nothing of a kernel, so it runs here: its sections are mapped below
2 GB, where a module's relocations of 32 bits reach, and relocated as insmod does.  What it
imports is memcpy() and its kind, and the kernel's thunks; anything else traps.  To be used
in a child: wrong code may do anything.
"""

import ctypes
import mmap
import re
import struct

ALLOC = 2
MAP_32BIT = 0x40
LENGTH = 8 << 20
A, B = 5 << 20, 6 << 20    # places of two buffers in the mapping
BEFORE, BEHIND = 0x8000, 0x20000  # what is watched around each
SIZES = {1: 8, 2: 4, 4: 4, 10: 4, 11: 4, 24: 8}  # R_X86_64_64, PC32, PLT32, 32, 32S, PC64
RELATIVE = (2, 4, 24)
GOT = (9, 41, 42)  # R_X86_64_GOTPCREL and its relaxable kinds: modules have none, other objects do
REGISTERS = ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"] + [f"r{i}" for i in range(8, 16)]


class Unloadable(Exception):
    """Not what this loader knows."""


def _map():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
    address = libc.mmap(None, LENGTH, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC,
                        mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_32BIT, -1, 0)
    if address in (None, 2**64 - 1):
        raise Unloadable("mmap failed")
    return libc, address


class Machine:
    def __init__(self, elf):
        self.libc, self.base = _map()
        self.memory = (ctypes.c_char * LENGTH).from_address(self.base)
        self.a, self.b = self.base + A, self.base + B
        self.next = 0
        self.stubs, self.symbols = {}, {}
        self.functions = {}
        self._load(elf)

    def read(self, address, length):
        return ctypes.string_at(address, length)

    def write(self, address, data):
        ctypes.memmove(address, bytes(data), len(data))

    def _take(self, length, align):
        self.next = (self.next + align - 1) // align * align
        address, self.next = self.base + self.next, self.next + length
        if self.next > A - BEFORE:
            raise Unloadable("it is too large")
        return address

    def _load(self, elf):
        if elf[:5] != b"\x7fELF\x02":
            raise Unloadable("no ELF file")
        table, = struct.unpack_from("<Q", elf, 40)
        entry_size, count, _ = struct.unpack_from("<HHH", elf, 58)
        sections = [struct.unpack_from("<IIQQQQIIQQ", elf, table + i * entry_size) for i in range(count)]
        places = {}
        for i, (_, kind, flags, _, offset, size, _, _, align, _) in enumerate(sections):
            if flags & ALLOC and size:
                places[i] = self._take(size, max(align, 16))
                if kind != 8:  # NOBITS
                    self.write(places[i], elf[offset:offset + size])
        values = self._symbols(elf, sections, places)
        for _, kind, _, _, offset, size, link, target, _, _ in sections:
            if kind == 4 and target in places:
                for at in range(offset, offset + size, 24):
                    self._relocate(places[target], *struct.unpack_from("<QQq", elf, at), values[link])

    def _symbols(self, elf, sections, places):
        """{symbol table: [function that gives a symbol's address]}"""
        values = {}
        for i, (_, kind, _, _, offset, size, link, _, _, _) in enumerate(sections):
            if kind != 2:
                continue
            names, found = sections[link][4], []
            for at in range(offset, offset + size, 24):
                name, _, _, section, value, _ = struct.unpack_from("<IBBHQQ", elf, at)
                name = elf[names + name:elf.index(b"\0", names + name)].decode()
                if section == 0:
                    found.append(lambda name=name: self._stub(name))
                    continue
                address = value if section == 0xFFF1 else places.get(section, 0) + value
                found.append(lambda address=address: address)
                if name and section in places:
                    self.symbols[name] = address
            values[i] = found
        return values

    def _relocate(self, section, offset, info, addend, symbols):
        kind, at = info & 0xFFFFFFFF, section + offset
        if kind == 0:
            return
        value = symbols[info >> 32]()
        if kind in GOT:
            slot = self._take(8, 8)
            self.write(slot, struct.pack("<Q", value))
            kind, value = 2, slot
        if kind not in SIZES:
            raise Unloadable(f"a relocation of kind {kind}")
        value += addend - (at if kind in RELATIVE else 0)
        width = SIZES[kind]
        self.write(at, (value % 2**64).to_bytes(8, "little")[:width])

    def _stub(self, name):
        """The address of what stands in for a function of the kernel."""
        if name in self.stubs:
            return self.stubs[name]
        thunk = re.fullmatch(r"__x86_indirect_thunk_(\w+)", name)
        if name in ("memcpy", "memmove", "memset", "memcmp"):
            target = ctypes.cast(getattr(self.libc, name), ctypes.c_void_p).value
            code = b"\x48\xb8" + struct.pack("<Q", target) + b"\xff\xe0"
        elif name in ("__x86_return_thunk", "__fentry__"):
            code = b"\xc3"
        elif thunk and thunk[1] in REGISTERS:
            register = REGISTERS.index(thunk[1])
            code = (b"\x41" if register > 7 else b"") + bytes([0xFF, 0xE0 + register % 8])
        else:
            code = b"\x0f\x0b"
        self.stubs[name] = self._take(len(code), 16)
        self.write(self.stubs[name], code)
        return self.stubs[name]

    def find(self, name):
        """The address of a static by its Rust name, mangled or not."""
        for symbol, address in self.symbols.items():
            if symbol == name or re.search(rf"(?<!\d){len(name)}{name}(E|$|\.)", symbol):
                return address
        raise Unloadable(f"it has no symbol {name}")

    def use_table(self, name, count):
        self.table = struct.unpack(f"<{count}Q", self.read(self.find(name), 8 * count))

    def call(self, probe, a=0, b=0):
        address = self.table[probe.number]
        if address not in self.functions:
            self.functions[address] = ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.c_size_t, ctypes.c_size_t)(address)
        return self.functions[address](a, b)

    def prepare(self, buffer, pattern):
        """Fills what is watched around a buffer: pattern(offset) is a byte, or bytes of that length."""
        self.write(buffer - BEFORE, pattern)

    def watched(self, buffer):
        return self.read(buffer - BEFORE, BEFORE + BEHIND)


def changes(before, after):
    """{offset in the buffer: new byte} between two states of what is watched around it."""
    found = {}
    for start in range(0, len(before), 512):
        if before[start:start + 512] != after[start:start + 512]:
            for i in range(start, min(start + 512, len(before))):
                if before[i] != after[i]:
                    found[i - BEFORE] = after[i]
    return found


def ranges(offsets):
    """"0..24, 32..40" of a set of offsets."""
    found = []
    for offset in sorted(offsets):
        if found and found[-1][1] == offset:
            found[-1][1] = offset + 1
        else:
            found.append([offset, offset + 1])
    return ", ".join(f"{start}..{end}" for start, end in found[:6]) + (", ..." if len(found) > 6 else "") or "nothing"


def pattern(length, mask=0xFF):
    """Bytes that tell places apart; with the mask 1 they are valid for a bool."""
    return bytes((i * 167 + (i >> 8) * 59 + (i >> 3) * 7 + 13) & mask for i in range(length))


EMPTY, FULL = bytes(BEFORE + BEHIND), b"\xff" * (BEFORE + BEHIND)
MIXED = pattern(BEFORE + BEHIND)
FLIPPED = bytes(byte ^ 0xFF for byte in MIXED)
BITS = pattern(BEFORE + BEHIND, 1)
