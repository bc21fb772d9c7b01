# SPDX-License-Identifier: GPL-2.0-only
"""Is a refusal right?  Each diagnostic's facts, held against the other reader."""

import re

CONFIRMED, CONTRADICTED, UNCHECKED = "confirmed", "contradicted", "not checked"
MODULES_GONE = "is not in the image; this kernel's modules are not in the archive"


def subject_of(contract):
    """("field", "struct file", "private_data") of "field private_data of struct file"."""
    for pattern in (r"(field|bit field) (?P<path>\S+) of (?P<root>.+)", r"(size|alignment) of (?P<root>.+)",
                    r"(exact layout) of (?P<root>.+)", r"(enumerator|constant) (?P<path>\S+).*",
                    r"(function|variable) (?P<root>\S+)(?: as it was before)?"):
        match = re.fullmatch(pattern, contract)
        if match:
            groups = match.groupdict()
            return match[1], groups.get("root") or "", groups.get("path") or ""
    return "", contract, ""


class Confirmer:
    def __init__(self, reader, base, imports):
        """base: the reader of the kernel that the driver was built for; imports: the
        functions that the driver needs, whose modules may have the types."""
        self.reader = reader
        self.base = base
        self.modules = sorted({reader.module_exports[name] for name in imports
                               if name in reader.module_exports})

    def check(self, problem):
        """(verdict, remark) on one problem of `race check --json`."""
        kind, root, path = subject_of(problem["contract"])
        look = {"RACE-E0401": self.type_missing, "RACE-E0403": self.field_missing,
                "RACE-E0404": self.field_type, "RACE-E0405": self.field_bits,
                "RACE-E0407": self.out_of_range, "RACE-E0409": self.frozen,
                "RACE-E0410": self.enumerator_missing, "RACE-E0411": self.not_exported,
                "RACE-E0412": self.prototype}.get(problem["code"])
        # Of these, other codes are about more than the field's or the type's presence.
        if kind in ("bit field", "alignment") and problem["code"] not in ("RACE-E0401", "RACE-E0403"):
            look = None
        if look is None or not kind:
            return UNCHECKED, "no other reader for this kind"
        return look(kind, root, path, problem["message"])

    def entries(self, root):
        return [(self.reader.types, entry) for entry in self.reader.types.find(root)]

    def of_modules(self, root):
        for name in self.modules:
            types = self.reader.module_types(name)
            if types and types.find(root):
                return name
        return None

    def type_missing(self, kind, root, path, message):
        if self.entries(root):
            return CONTRADICTED, f"bpftool finds {root}"
        module = self.of_modules(root)
        if module:
            return CONTRADICTED, f"bpftool finds {root} in the module {module}"
        if not self.reader.has_modules:
            return UNCHECKED, MODULES_GONE
        return CONFIRMED, ""

    def not_exported(self, kind, root, path, message):
        if root in self.reader.exports:
            return CONTRADICTED, f"{root} is in __ksymtab"
        if root in self.reader.module_exports:
            return CONTRADICTED, f"the module {self.reader.module_exports[root]} exports {root}"
        # What the image has, or what all kernels with Rust have there, no module exports.
        built_in = self.reader.types.functions(root) or root.startswith("rust_helper_")
        if not self.reader.has_modules and not built_in:
            return UNCHECKED, MODULES_GONE
        # Not the function, but it may do the same: rustc writes a name as its length and it.
        wrapped = any(name.startswith("_R") and f"{len(root)}{root}" in name for name in self.reader.exports)
        return CONFIRMED, "a Rust function of that name is exported" if wrapped else ""

    def each(self, root, look):
        """A refusal is wrong only when it holds for no type of the name."""
        found = self.entries(root)
        if not found:
            return UNCHECKED, f"bpftool finds no {root} in the image"
        verdicts = [look(types, entry) for types, entry in found]
        right = [verdict for verdict in verdicts if verdict[0] == CONFIRMED]
        return (right or verdicts)[0]

    def field_missing(self, kind, root, path, message):
        def look(types, entry):
            found = types.member(entry, path)
            return (CONTRADICTED, f"bpftool finds {path} at bit {found[0]}") if found else (CONFIRMED, "")
        return self.each(root, look)

    def field_type(self, kind, root, path, message):
        def look(types, entry):
            found = types.member(entry, path)
            return self.told(message, types.spell(found[1]["type_id"]) if found else None)
        return self.each(root, look)

    def field_bits(self, kind, root, path, message):
        def look(types, entry):
            found = types.member(entry, path)
            if found and found[1].get("bitfield_size", 0):
                return CONFIRMED, ""
            return CONTRADICTED, "bpftool finds no bit field"
        return self.each(root, look)

    @staticmethod
    def told(message, spelled):
        """The type that the diagnostic says the target has is the one that is there."""
        expected = message.partition("expected type ")[2]
        told = message.partition("; the target's is ")[2]
        if spelled is None:
            return CONTRADICTED, "bpftool finds none"
        if expected.startswith(spelled + ";"):
            return CONTRADICTED, f"bpftool finds what was expected, {spelled}"
        if told.startswith(spelled + " ("):
            return CONFIRMED, ""
        return UNCHECKED, f"bpftool spells it {spelled}"

    def prototype(self, kind, root, path, message):
        functions = self.reader.types.functions(root)
        if "does not describe it" in message:
            return (CONTRADICTED, "bpftool finds its prototype") if functions else (CONFIRMED, "")
        if not functions:
            return UNCHECKED, "bpftool finds no such function in the image"
        verdicts = [self.told(message, self.reader.types.spell(entry["type_id"])) for entry in functions]
        right = [verdict for verdict in verdicts if verdict[0] == CONFIRMED]
        return (right or verdicts)[0]

    def out_of_range(self, kind, root, path, message):
        numbers = re.search(r"a value from (-?\d+) to (-?\d+).* the target's is (-?\d+)", message)
        if not numbers:
            return UNCHECKED, "its numbers are not understood"
        low, high, told = (int(number) for number in numbers.groups())

        def look(types, entry):
            if kind == "field":
                found = types.member(entry, path)
                value = found[0] // 8 if found else None
            else:
                value = types.size(entry["id"])
            if value == told and not low <= value <= high:
                return CONFIRMED, ""
            return CONTRADICTED, f"bpftool says {value}"
        if kind in ("enumerator", "constant"):
            values = self.reader.types.enumerators(path)
            return (CONFIRMED, "") if told in values else (CONTRADICTED, f"bpftool says {values}")
        return self.each(root, look)

    def frozen(self, kind, root, path, message):
        expected = self.base and self.base.types.find(root)
        if not expected:
            return UNCHECKED, f"no {root} in the image of the base kernel"
        layouts = {self.base.types.layout(entry["id"]) for entry in expected}

        def look(types, entry):
            if types.layout(entry["id"]) in layouts:
                return CONTRADICTED, "bpftool finds the base kernel's layout"
            return CONFIRMED, ""
        return self.each(root, look)

    def enumerator_missing(self, kind, root, path, message):
        if self.reader.types.enumerators(path):
            return CONTRADICTED, f"bpftool finds {path}"
        return CONFIRMED, ""
