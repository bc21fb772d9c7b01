# SPDX-License-Identifier: GPL-2.0-only
"""What a kernel has, by other readers than RACE's own.

The image is unpacked by the kernel's scripts/extract-vmlinux, its types are told by
bpftool and its exports are read from __ksymtab here; what modules export is in depmod's
modules.symbols.  None of RACE's code is asked.
"""

import json
import struct
import subprocess
import tempfile
from pathlib import Path

from .common import Failure, run

QUALIFIERS = {"CONST": "const", "VOLATILE": "volatile", "RESTRICT": "restrict"}
TAGS = ("TYPEDEF", "TYPE_TAG")
AGGREGATES = ("STRUCT", "UNION")
NO_NAME = "(anon)"


class Types:
    """A BTF as bpftool tells it."""

    def __init__(self, entries):
        self.by_id = {entry["id"]: entry for entry in entries}
        self.by_name = {}
        for entry in entries:
            self.by_name.setdefault((entry["kind"], entry.get("name")), []).append(entry)

    def find(self, spelled):
        """"struct file": those of that name, whole ones only."""
        kind, _, name = spelled.rpartition(" ")
        if kind:
            kinds = [kind.upper()] + (["ENUM64"] if kind == "enum" else [])
        else:
            kinds = ["TYPEDEF", "INT", "FLOAT"]
        return [entry for kind in kinds for entry in self.by_name.get((kind, name), [])]

    def functions(self, name):
        return self.by_name.get(("FUNC", name), [])

    def bare(self, number):
        """Behind typedefs and qualifiers."""
        entry = self.by_id.get(number)
        while entry and (entry["kind"] in QUALIFIERS or entry["kind"] in TAGS):
            entry = self.by_id.get(entry["type_id"])
        return entry

    def size(self, number):
        entry = self.bare(number)
        if entry is None:
            return 0
        if entry["kind"] == "PTR":
            return 8
        if entry["kind"] == "ARRAY":
            return entry["nr_elems"] * self.size(entry["type_id"])
        return entry.get("size", 0)

    def member(self, entry, path):
        """(bit offset, member) of "a.b" within an aggregate, or None."""
        first, _, rest = path.partition(".")
        for member in entry.get("members", []):
            inner = self.bare(member["type_id"])
            offset = member["bits_offset"]
            if member["name"] == first:
                if not rest:
                    return offset, member
                found = inner and self.member(inner, rest)
                return (offset + found[0], found[1]) if found else None
            if member["name"] == NO_NAME and inner and inner["kind"] in AGGREGATES:
                found = self.member(inner, path)
                if found:
                    return offset + found[0], found[1]
        return None

    def spell(self, number, inner="", depth=0):
        """As a C declaration, typedefs seen through."""
        entry = self.by_id.get(number)
        if depth > 40:
            return "(nested too deeply)"
        if entry is None:
            return "void" + (" " + inner if inner else "")
        kind = entry["kind"]
        if kind in TAGS:
            return self.spell(entry["type_id"], inner, depth)
        if kind == "PTR":
            return self.spell(entry["type_id"], "*" + inner, depth + 1)
        if kind in QUALIFIERS:
            word = QUALIFIERS[kind]
            pointed = self.by_id.get(entry["type_id"])
            while pointed and pointed["kind"] in TAGS:
                pointed = self.by_id.get(pointed["type_id"])
            if pointed and pointed["kind"] == "PTR":
                return self.spell(entry["type_id"], word + (" " + inner if inner else ""), depth + 1)
            return word + " " + self.spell(entry["type_id"], inner, depth + 1)
        if kind == "ARRAY":
            inner = f"({inner})" if inner.startswith("*") else inner
            return self.spell(entry["type_id"], f"{inner}[{entry['nr_elems']}]", depth + 1)
        if kind == "FUNC_PROTO":
            params = [self.spell(param["type_id"], "", depth + 1)
                      if param["type_id"] or param["name"] != NO_NAME else "..."
                      for param in entry["params"]]
            inner = f"({inner})" if inner.startswith("*") else inner
            return self.spell(entry["ret_type_id"], f"{inner}({', '.join(params) or 'void'})", depth + 1)
        name = "(unnamed)" if entry["name"] == NO_NAME else entry["name"]
        if kind in ("STRUCT", "UNION", "ENUM", "ENUM64"):
            name = f"{kind.lower().removesuffix('64')} {name}"
        elif kind == "FWD":
            name = f"{entry.get('fwd_kind', 'struct')} {name}"
        return name + (" " + inner if inner else "")

    def layout(self, number, depth=0):
        """All that decides where things are in a type, and how its functions are called, as
        one value to compare."""
        entry = self.bare(number)
        if entry is None or depth > 20:
            return None
        if entry["kind"] == "ARRAY":
            return ("array", entry["nr_elems"], self.layout(entry["type_id"], depth + 1))
        if entry["kind"] in AGGREGATES:
            return (entry["kind"], entry["size"],
                    tuple((member["name"], member["bits_offset"], member.get("bitfield_size", 0),
                           self.layout(member["type_id"], depth + 1)) for member in entry["members"]))
        pointed = self.bare(entry["type_id"]) if entry["kind"] == "PTR" else None
        # Of a function that is called through it, what it takes and gives.
        prototype = self.spell(pointed["id"]) if pointed and pointed["kind"] == "FUNC_PROTO" else ""
        return (entry["kind"], self.size(entry["id"]), prototype)

    def enumerators(self, name):
        """Values of an enumerator of that name, in whatever enum."""
        return {value["val"] for (kind, _), entries in self.by_name.items() if kind in ("ENUM", "ENUM64")
                for entry in entries for value in entry["values"] if value["name"] == name}


def bpftool_types(*command):
    done = subprocess.run(["bpftool", *map(str, command)], stdin=subprocess.DEVNULL,
                          capture_output=True, check=False)
    try:
        return json.loads(done.stdout)["types"]
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"bpftool {' '.join(map(str, command))}: "
                      f"{done.stderr.decode(errors='replace')[-300:] or error}") from error


def exports_of(image, work):
    """The names in __ksymtab and its like: three offsets an entry, each from its own place;
    the second leads to the name.  Not the strings themselves: the linker lets a name share
    the end of a longer one."""
    sections, content = {}, {}
    for line in run("readelf", "-SW", image).stdout.splitlines():
        words = line.partition("]")[2].split()
        if words and words[0].startswith("__ksymtab"):
            sections[words[0]] = int(words[2], 16)
            out = work / words[0]
            run("objcopy", "-O", "binary", f"--only-section={words[0]}", image, out)
            content[words[0]] = out.read_bytes()
    base, strings = sections.pop("__ksymtab_strings"), content.pop("__ksymtab_strings")
    names = set()
    for section, start in sections.items():
        for at, (_, name, _) in enumerate(struct.iter_unpack("<iii", content[section])):
            place = start + 12 * at + 4 + name - base
            if not 0 <= place < len(strings):
                raise Failure(f"{image}: an entry of {section} has its name outside of __ksymtab_strings")
            names.add(strings[place:strings.index(b"\0", place)].decode())
    return names


class Reader:
    """One kernel's facts; read when first asked for."""

    def __init__(self, folder, tree):
        self.folder = folder
        self.has_modules = (folder / "kernel").is_dir()
        self._module_types = {}
        with tempfile.TemporaryDirectory(prefix="race-matrix-") as work:
            image = Path(work) / "vmlinux"
            with image.open("wb") as out:
                subprocess.run(["sh", tree / "scripts/extract-vmlinux", folder / "vmlinuz"],
                               stdout=out, stderr=subprocess.DEVNULL, check=False)
            if image.stat().st_size == 0:
                raise Failure(f"extract-vmlinux cannot unpack {folder}/vmlinuz")
            self.exports = exports_of(image, Path(work))
            run("objcopy", "-O", "binary", "--only-section=.BTF", image, Path(work) / "btf")
            self.btf = (Path(work) / "btf").read_bytes()
            self.types = Types(bpftool_types("-j", "btf", "dump", "file", image))
        if "_printk" not in self.exports or not self.types.find("struct module"):
            raise Failure(f"{folder}: the image's exports or types were not found")
        self.module_exports = {}
        symbols = folder / "modules.symbols"
        for line in symbols.read_text().splitlines() if symbols.is_file() else []:
            words = line.split()
            if len(words) == 3 and words[1].startswith("symbol:"):
                self.module_exports[words[1][len("symbol:"):]] = words[2]

    def module_types(self, name):
        """The kernel's types and those of a module's own BTF; None without that module."""
        if name not in self._module_types:
            self._module_types[name] = self._read_module(name)
        return self._module_types[name]

    def _read_module(self, name):
        files = [file for file in self.folder.glob("kernel/**/*.ko*")
                 if file.name.split(".")[0].replace("-", "_") == name]
        if not files:
            return None
        unpack = {".xz": ["xz", "-dc"], ".zst": ["zstd", "-dcq"], ".gz": ["gzip", "-dc"]}
        with tempfile.TemporaryDirectory(prefix="race-matrix-") as work:
            module, base = Path(work) / "module.ko", Path(work) / "base"
            command = unpack.get(files[0].suffix, ["cat"])
            module.write_bytes(subprocess.run([*command, files[0]], capture_output=True,
                                              stdin=subprocess.DEVNULL, check=True).stdout)
            base.write_bytes(self.btf)
            own = bpftool_types("-j", "-B", base, "btf", "dump", "file", module)
            return Types([*self.types.by_id.values(), *own])
