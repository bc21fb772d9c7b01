# SPDX-License-Identifier: GPL-2.0-only
"""The oracle itself, held against rustc: bindings are made from one kernel's BTF, and the
programs compiled for that kernel alone.  Each number must then be what the checks say.

The bindings are what bindgen would have made, as far as layouts go: each type has its
numbers and pointers at their places, and bytes between them.
"""

from .btf import ENUM, INT
from .program import HEAD

KERNEL = """#[repr(transparent)] pub struct Opaque<T>(UnsafeCell<MaybeUninit<T>>);
"""


def bindings(world, pool, lie=None):
    """Rust text.  lie: (type, bytes that it is larger), for a test of the test."""
    out = ["#[allow(non_snake_case)] pub mod bindings {"]
    btf = world.btf
    for name, type in pool.types.items():
        id = btf.aggregate(name)
        here, fields, unit = 0, [], f"u{8 * type.align}"
        placed = sorted((btf.field(id, field)[0], width, field) for field, width in type.fields.items())
        for offset, width, field in placed:
            if offset < here:  # a union's: one of them is enough, and the others are not in the program
                continue
            if offset > here:
                fields.append(f"_p{here}: [u8; {offset - here}]")
            signed = btf.kind(btf.plain(btf.field(id, field)[1])) in (INT, ENUM)
            fields.append(f"pub {field}: " + (f"u{8 * width}" if signed else "*mut u8"))
            here = offset + width
        for field in set(type.fields) - {f.split(":")[0].removeprefix("pub ") for f in fields}:
            del type.fields[field]
        end = btf.size(id) + (lie[1] if lie and lie[0] == name else 0)
        if end > here:
            fields.append(f"_p{here}: [u8; {end - here}]")
        out.append(f"#[derive(Clone, Copy)] #[repr(C)] pub struct {name} {{ _a: [{unit}; 0], {', '.join(fields)} }}")
    return "\n".join(out + ["}"]) + "\n"


def head(world, pool, lie=None):
    return HEAD + bindings(world, pool, lie) + KERNEL


COMMAND = ["--crate-type=lib", "--crate-name=oracle", "--edition=2021", "--emit=obj", "-Cpanic=abort",
           "-Copt-level=2", "-Crelocation-model=static", "-Ccode-model=kernel", "-Coverflow-checks=off",
           "-Cno-redzone", "-Cembed-bitcode=no"]
