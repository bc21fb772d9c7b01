# SPDX-License-Identifier: GPL-2.0-only
"""The program of a driver: probes, each a small function of one own type, and what is right of it.

A probe is `unsafe extern "C" fn(usize, usize) -> usize` on one line of the source.  Its check
calls it (machine.Machine) and holds what it does against the layout by rule in a World.
"""

from dataclasses import dataclass, field

from . import checks
from .own_types import Array, CEnum, CStruct, CUnion, Leaf, OptionOf, Own, Scalar, paths

HEAD = """// SPDX-License-Identifier: GPL-2.0
//! Random own types; made by scripts/oracle.
#![allow(dead_code, unused_imports, unused_unsafe, static_mut_refs, missing_docs, unreachable_pub)]
#![allow(unused_parens, clippy::all, non_camel_case_types, improper_ctypes_definitions, unused_variables)]
use core::{cell::UnsafeCell, hint::black_box, mem::{self, offset_of, size_of, align_of, MaybeUninit}, ptr};
"""
KERNEL = """use kernel::{bindings, prelude::*, types::Opaque};
module! { type: Module, name: "oracle", authors: ["RACE"], description: "Oracle", license: "GPL", }
struct Module;
impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        for i in 0..black_box(PURE.len()) {
            let i = PURE[i] as usize;
            // SAFETY: it works out a number from these.
            pr_info!("probe {} {}\\n", i, unsafe { black_box(&ORACLE_TABLE)[i](0x10000000, 3) });
        }
        Ok(Module)
    }
}
"""
COMMON = """const fn zeroed<T>() -> T { unsafe { MaybeUninit::<T>::zeroed().assume_init() } }
#[repr(transparent)] pub struct Shared<T>(T);
unsafe impl<T> Sync for Shared<T> {}
#[repr(transparent)] pub struct Same<T>(T);
unsafe impl<T> Sync for Same<T> {}
type Probe = unsafe extern "C" fn(usize, usize) -> usize;
"""


# Bytes that a driver's statics of kernel types may have in one of the SDK's variants, where a type
# has millions: rustc prints each in its MIR.
STATICS = 100 << 20


@dataclass
class Probe:
    """items: lines of Rust in front of the function.  body: its expression, over `a` and `b`.
    check(probe, machine, world) yields checks.Number.  pure: works on no memory."""
    kind: str
    owner: object
    body: str
    check: object
    items: list = field(default_factory=list)
    pure: bool = False
    data: dict = field(default_factory=dict)
    uses: tuple = ()   # further own types
    number: int = -1   # its place in the table
    source: str = ""


@dataclass
class Program:
    definitions: list
    probes: list
    lines: dict = field(default_factory=dict)  # line number -> Probe or Definition

    def text(self, head=HEAD + KERNEL):
        out = (head + COMMON).splitlines()
        self.lines = {}
        for definition in self.definitions:
            for line in definition.declare():
                out.append(line)
                self.lines[len(out)] = definition
        for i, probe in enumerate(self.probes):
            probe.number = i
            probe.source = f"unsafe extern \"C\" fn p{i}(a: usize, b: usize) -> usize {{ {probe.body} }}"
            for line in [item.replace("STATIC", f"S{i}") for item in probe.items] + \
                    ["#[inline(never)] " + probe.source.replace("STATIC", f"S{i}")]:
                out.append(line)
                self.lines[len(out)] = probe
        names = ", ".join(f"p{i}" for i in range(len(self.probes)))
        pure = [str(probe.number) for probe in self.probes if probe.pure]
        out.append(f"#[no_mangle] static ORACLE_TABLE: [Probe; {len(self.probes)}] = [{names}];")
        out.append(f"static PURE: [u16; {len(pure)}] = [{', '.join(pure)}];")
        return "\n".join(out) + "\n"

    def without(self, what):
        """Without a probe, or a definition and all that needs it."""
        if isinstance(what, Probe):
            return Program(self.definitions, [probe for probe in self.probes if probe is not what])
        gone = [what]
        for definition in self.definitions:
            if any(used is other for used in definition.uses for other in gone):
                gone.append(definition)
        gone = {id(definition) for definition in gone}
        return Program([d for d in self.definitions if id(d) not in gone],
                       [p for p in self.probes if id(p.owner) not in gone and not any(id(u) in gone for u in p.uses)])


class Writer:
    """Draws the probes of each definition.  fields: see own_types.paths()."""

    def __init__(self, rng, fields):
        self.rng, self.fields = rng, fields
        self.probes, self.seen = [], []
        self.room = STATICS

    def add(self, kind, owner, body, check, **more):
        self.probes.append(Probe(kind, owner, body, check, **more))

    def basic(self, d):
        name = d.name
        self.add("size", d, f"size_of::<{name}>()", checks.size, pure=True)
        members = [] if isinstance(d, (CEnum, OptionOf)) else list(paths(d, self.fields))
        direct = [path for path in members if len(path.steps) == 1]
        for path, (member, _) in zip([p for p in direct if p.text.count(".") == 1], d.members):
            self.add("place", d, f"unsafe {{ &raw const (*(a as *const {name})){path.text} as usize }}", checks.place,
                     pure=True, data={"path": path, "member": member})
        return members

    def of(self, d):
        rng, name = self.rng, d.name
        members = self.basic(d)
        deep = [path for path in members if len(path.steps) > 1]
        value = f"(*(a as *mut {name}))"
        for path in rng.sample(deep, min(3, len(deep))):
            self.add("deep place", d, f"unsafe {{ &raw const {value}{path.text} as usize }}", checks.place, pure=True,
                     data={"path": path})
        numbers = [path for path in members if path.width or isinstance(path.type, Scalar) and
                   path.type.spelled[0] in "ui" and path.type.size <= 8]
        for path in rng.sample(numbers, min(3, len(numbers))):
            width = path.width or path.type.size
            self.add("write", d, f"unsafe {{ {value}{path.text} = b as _; 0 }}", checks.write,
                     data={"path": path, "width": width})
        for path in rng.sample(numbers, min(2, len(numbers))):
            width = path.width or path.type.size
            self.add("read", d, f"unsafe {{ {value}{path.text} as usize }}", checks.read,
                     data={"path": path, "width": width})
        self.statics_of(d, members, numbers)
        self.memory_of(d)
        if isinstance(d, CEnum):
            self.enum(d)
        if isinstance(d, OptionOf):
            self.option(d)
        self.seen.append(d)

    def memory_of(self, d):
        rng, name = self.rng, d.name
        pointer = f"(a as *mut {name})"
        choices = [
            ("copy", f"unsafe {{ *(a as *mut MaybeUninit<{name}>) = ptr::read(b as *const MaybeUninit<{name}>); 0 }}",
             checks.copy, {}),
            ("copy", f"unsafe {{ ptr::copy_nonoverlapping(b as *const {name}, {pointer}, 1); 0 }}", checks.copy, {}),
            ("copy", f"unsafe {{ ptr::copy(b as *const {name}, {pointer}, 3); 0 }}", checks.copy, {"count": 3}),
            ("fill", f"unsafe {{ ptr::write_bytes({pointer}, 0, 1); 0 }}", checks.fill, {}),
            ("stride", f"{pointer}.wrapping_add(b) as usize", checks.stride, {}),
            ("stride", f"{pointer}.wrapping_sub(b) as usize", checks.stride, {"sign": -1}),
            ("stride", f"unsafe {{ &raw const (*(a as *const [{name}; 7]))[5] as usize }}", checks.stride, {"times": 5}),
            ("length", f"unsafe {{ mem::size_of_val(core::slice::from_raw_parts(a as *const MaybeUninit<{name}>, b)) }}",
             checks.multiple, {}),
            ("length", f"core::alloc::Layout::array::<{name}>(b).map_or(0, |l| l.size())", checks.multiple, {}),
            ("distance", f"unsafe {{ let p = a as *const {name}; black_box(p.wrapping_add(b)).offset_from(p) as usize }}",
             checks.same_as_second, {}),
        ]
        # All of these hold for values with references in them, too, but for the one that is dropped.
        for kind, body, check, data in rng.sample(choices, 3):
            self.add(kind, d, body, check, data=data, pure=kind in ("stride", "length"))
        if rng.random() < 0.15:
            self.add("alignment", d, f"align_of::<{name}>()", checks.alignment, pure=True)
        if d.zeroable and rng.random() < 0.4 and not isinstance(d, (CUnion,)):
            self.add("local", d, f"unsafe {{ let mut v: {name} = zeroed(); black_box(&mut v); "
                     f"ptr::write({pointer}, v); 0 }}", checks.fill)

    def numbers_of(self, d, members):
        """[(Rust expression, function of a World)] of constants about a type."""
        rng, name = self.rng, d.name
        found = [(f"size_of::<{name}>()", lambda world: d.layout(world)[0])]
        named = [path for path in members if path.names and not path.field and path.names.count(".") <= 3]
        for path in rng.sample(named, min(4, len(named))):
            found.append((f"offset_of!({name}, {path.names[1:]})", path.offset))
        fields = [path for path in members if path.names and path.field]
        for path in rng.sample(fields, min(2, len(fields))):
            found.append((f"offset_of!({name}, {path.names[1:]})", path.offset))
        return found

    def statics_of(self, d, members, numbers):
        rng, name = self.rng, d.name
        constants = self.numbers_of(d, members)
        draw = rng.random()
        width = "usize" if draw < 0.6 else "u32" if draw < 0.8 else "u16"
        values = ", ".join(text if width == "usize" else f"{text} as {width}" for text, _ in constants)
        self.add(f"static {width}", d, "black_box(&raw const STATIC) as usize", checks.static_numbers,
                 items=[f"static STATIC: [{width}; {len(constants)}] = [{values}];"],
                 data={"numbers": constants, "width": {"usize": 8, "u32": 4, "u16": 2}[width]})
        if self.seen and rng.random() < 0.7:
            other = rng.choice(self.seen)
            (mine, my_value), (theirs, their_value) = rng.choice(constants), \
                (f"size_of::<{other.name}>()", lambda world: other.layout(world)[0])
            factor, plus = rng.choice([1, 2, 2, 3, -1]), rng.choice([0, 0, 8, 5])
            text = f"{mine}{f' + {plus}' if plus else ''}"
            text = f"{text} + {factor} * {theirs}" if factor > 0 else \
                f"(({text}) as isize - {theirs} as isize) as usize"
            self.add("constant", d, f"const C: usize = {text}; C", checks.constant, pure=True, uses=(other,),
                     data={"value": lambda world: my_value(world) + plus + factor * their_value(world)})
        if not d.zeroable or isinstance(d, (CEnum, OptionOf)) or not numbers or rng.random() < 0.4:
            return
        path = rng.choice([path for path in numbers if path.field] or numbers)
        count = rng.choice([1, 1, 1, 3])
        if 3 * count * d.widest > self.room:
            return
        self.room -= 3 * count * d.widest
        self.static_value(d, path, count)

    def static_value(self, d, path, count):
        """A static, or an array of them, one field of which is set; and perhaps a static that points at it."""
        rng, width = self.rng, path.width or path.type.size
        value = int("5a5b5c5d5e5f6061"[:2 * width], 16)
        index = rng.randrange(count)
        setting = f"{{ let mut v: {d.name} = zeroed(); unsafe {{ v{path.text} = {value}usize as _ }}; v }}"
        values = ", ".join(setting if i == index else "zeroed()" for i in range(count))
        items = [f"static STATIC: Shared<[{d.name}; {count}]> = Shared([{values}]);"]
        data = {"path": path, "width": width, "value": value, "index": index, "count": count}
        self.add("static value", d, "black_box(&raw const STATIC) as usize", checks.static_value, items=items, data=data)
        if rng.random() < 0.5:
            self.add("static pointer", d, "if a == 0 { black_box(&raw const STATIC) as usize } else "
                     "{ black_box(&raw const STATICP) as usize }", checks.static_pointer,
                     items=items + [f"static STATICP: Same<*const u8> = Same(unsafe {{ &raw const "
                                    f"STATIC.0[{index}]{path.text} as *const u8 }});"], data=data)
            self.add("static index", d, f"unsafe {{ if a != 0 {{ (*(&raw mut STATIC))[{index}]{path.text} = b as _; }} "
                     "&raw const STATIC as usize }", checks.static_written,
                     items=[f"static mut STATIC: [{d.name}; {count}] = [const {{ zeroed() }}; {count}];"], data=data)

    def enum(self, d):
        variant, type = d.members[0]
        self.add("payload", d, f"unsafe {{ match &*(a as *const {d.name}) {{ {d.name}::{variant}(x) => ptr::from_ref(x) "
                 f"as usize, _ => 0 }} }}", checks.payload)
        if type.zeroable:
            self.add("variant", d, f"unsafe {{ let x = ptr::read(b as *const {type.spelled}); "
                     f"ptr::write(a as *mut {d.name}, {d.name}::{variant}(x)); 0 }}", checks.variant)

    def option(self, d):
        inner = d.members[0][1]
        if not inner.zeroable:
            return
        self.add("some", d, f"unsafe {{ let x = ptr::read(b as *const {inner.spelled}); let p = a as *mut {d.name}; "
                 f"ptr::write(p, Some(x)); match &*p {{ Some(x) => ptr::from_ref(x) as usize, None => 0 }} }}",
                 checks.some)
        self.add("take", d, f"unsafe {{ let p = a as *mut {d.name}; ptr::write(p, Some(ptr::read(b as *const "
                 f"{inner.spelled}))); match ptr::replace(black_box(p), None) {{ Some(x) => "
                 f"{{ ptr::write((b + 0x10000) as *mut {inner.spelled}, x); 1 }}, None => 0 }} }}", checks.take)


def write(rng, definitions, fields):
    writer = Writer(rng, fields)
    for definition in definitions:
        writer.of(definition)
    return Program(list(definitions), writer.probes)
