# SPDX-License-Identifier: GPL-2.0-only
"""Own types and the language's rules for their layouts.  All numbers are bytes.

A layout is (size, alignment).  What rustc may order as it likes (repr(Rust), tuples,
Option) has no layout by rule: its numbers are those that the code shows, `measured` in the
World, and only their consistency can be judged.
"""

from dataclasses import dataclass, field


class Unknown(Exception):
    """A number that follows from one that was not measured."""


def up(value, align):
    return (value + align - 1) // align * align


@dataclass
class Scalar:
    spelled: str
    size: int
    zeroable: bool = True
    align_of: int = 0
    own = ()

    def layout(self, _):
        return self.size, self.align_of or self.size


@dataclass
class Leaf:
    """A kernel type, perhaps in a wrapper that has its layout."""
    type: object  # pool.KernelType
    wrapper: str = ""
    zeroable = True
    own = ()

    @property
    def spelled(self):
        name = f"bindings::{self.type.name}"
        return self.wrapper.replace("*", name) if self.wrapper else name

    def layout(self, world):
        # A type that Rust code aligns to more than the kernel takes all of its last unit there.
        return up(world.size(self.type.name), self.type.align), self.type.align


@dataclass
class Array:
    element: object
    count: int

    @property
    def spelled(self):
        return f"[{self.element.spelled}; {self.count}]"

    @property
    def zeroable(self):
        return self.element.zeroable

    @property
    def own(self):
        return self.element.own

    def layout(self, world):
        size, align = self.element.layout(world)
        return size * self.count, align


@dataclass
class Own:
    """An own type by its name."""
    definition: object

    @property
    def spelled(self):
        return self.definition.name

    @property
    def zeroable(self):
        return self.definition.zeroable

    @property
    def own(self):
        return (self.definition,)

    def layout(self, world):
        return self.definition.layout(world)


@dataclass
class Definition:
    """name: Rust's.  attributes: of `repr`.  members: [(name, type)]."""
    name: str
    members: list
    generic: int = -1  # the member whose type is a parameter

    kind = "struct"
    by_rule = True

    @property
    def zeroable(self):
        return all(type.zeroable for _, type in self.members if type)

    @property
    def uses(self):
        """The own types that it holds."""
        return [own for _, type in self.members if type for own in type.own]

    def leaves(self):
        """The kernel types in it, recursively."""
        found = []
        for _, type in self.members:
            while isinstance(type, Array):
                type = type.element
            if isinstance(type, Leaf):
                found.append(type.type)
            elif isinstance(type, Own):
                found += type.definition.leaves()
        return found

    def declare(self):
        body = ", ".join(f"pub {name}: {'A' if i == self.generic else type.spelled}"
                         for i, (name, type) in enumerate(self.members))
        if self.generic < 0:
            return [f"{self.attributes()}pub {self.kind} {self.name} {{ {body} }}"]
        argument = self.members[self.generic][1].spelled
        return [f"{self.attributes()}pub {self.kind} {self.name}G<A> {{ {body} }}",
                f"pub type {self.name} = {self.name}G<{argument}>;"]


@dataclass
class CStruct(Definition):
    """repr(C), perhaps with align(N) or packed(N)."""
    align: int = 0
    packed: int = 0

    def attributes(self):
        return "#[repr(C" + (f", align({self.align})" if self.align else "") + \
            (f", packed({self.packed})" if self.packed else "") + ")] "

    def places(self, world):
        """([offset of each member], size, alignment)"""
        end, most, offsets = 0, 1, []
        for _, type in self.members:
            size, align = type.layout(world)
            align = min(align, self.packed) if self.packed else align
            offsets.append(up(end, align))
            end, most = offsets[-1] + size, max(most, align)
        most = max(most, self.align)
        return offsets, up(end, most), most

    def layout(self, world):
        return self.places(world)[1:]

    def offset(self, world, index):
        return self.places(world)[0][index]


@dataclass
class CUnion(Definition):
    kind = "union"
    align: int = 0

    def attributes(self):
        return "#[repr(C" + (f", align({self.align})" if self.align else "") + ")] "

    def layout(self, world):
        layouts = [type.layout(world) for _, type in self.members]
        align = max([align for _, align in layouts] + [self.align])
        return up(max(size for size, _ in layouts), align), align

    def offset(self, world, index):
        return 0


@dataclass
class CEnum(Definition):
    """repr(C) or repr(u8) with data: the reference gives their layouts as unions and structs.
    members: a variant's name and what it holds, or None."""
    kind = "enum"
    tag: str = "C"
    zeroable = False

    def attributes(self):
        return f"#[repr({self.tag})] "

    def declare(self):
        body = ", ".join(f"{name}({type.spelled})" if type else name for name, type in self.members)
        return [f"{self.attributes()}pub enum {self.name} {{ {body} }}"]

    @property
    def tag_size(self):
        return {"C": 4, "u8": 1, "u16": 2, "u32": 4}[self.tag]

    def layout(self, world):
        layouts = [type.layout(world) for _, type in self.members if type]
        align = max([self.tag_size] + [align for _, align in layouts])
        if self.tag == "C":
            start = up(self.tag_size, max([1] + [align for _, align in layouts]))
            size = up(max(size for size, _ in layouts), max(align for _, align in layouts))
            return up(start + size, align), align
        return up(max(up(self.tag_size, align) + size for size, align in layouts), align), align

    def offset(self, world, index):
        """Where what variant `index` holds begins."""
        layouts = [type.layout(world) for _, type in self.members if type]
        if self.tag == "C":
            return up(self.tag_size, max(align for _, align in layouts))
        return up(self.tag_size, self.members[index][1].layout(world)[1])


@dataclass
class Measured(Definition):
    """What rustc orders.  The alignment is the members' largest all the same."""
    by_rule = False
    align: int = 0

    def attributes(self):
        return f"#[repr(align({self.align}))] " if self.align else ""

    def layout(self, world):
        if "size" not in world.measured.get(self.name, {}):
            raise Unknown(self.name)
        return world.measured[self.name]["size"], self.alignment(world)

    def alignment(self, world):
        return max([type.layout(world)[1] for _, type in self.members] + [self.align, 1])

    def offset(self, world, index):
        name = self.members[index][0]
        if name not in world.measured.get(self.name, {}):
            raise Unknown(f"{self.name}.{name}")
        return world.measured[self.name][name]


@dataclass
class RustTuple(Measured):
    """type T = (A, B);"""

    def declare(self):
        return [f"pub type {self.name} = ({', '.join(type.spelled for _, type in self.members)},);"]


@dataclass
class OptionOf(Measured):
    """type T = Option<A>; its one member is what it holds."""
    zeroable = False

    def declare(self):
        return [f"pub type {self.name} = Option<{self.members[0][1].spelled}>;"]


@dataclass
class Path:
    """A place in a definition.  text: Rust's, behind the value (".a[1].b").  steps: functions of a
    World that give bytes.  type: what is there, or None for a kernel type's field of `width` bytes.
    names: the members alone, where offset_of!() takes them."""
    text: str
    steps: list
    type: object = None
    width: int = 0
    names: str = ""
    field: tuple = field(default_factory=tuple)  # (kernel type, field)

    def offset(self, world):
        return sum(step(world) for step in self.steps)


def paths(definition, fields, prefix=None, depth=0):
    """All places in a struct or union that an expression reaches, arrays at some of their elements.
    fields(kernel type): {name: bytes} of those that may be named."""
    prefix = prefix or Path("", [])
    for i, (name, type) in enumerate(definition.members):
        step = lambda world, i=i: definition.offset(world, i)  # noqa: E731
        name = name.removeprefix("_") if isinstance(definition, RustTuple) else name
        here = Path(f"{prefix.text}.{name}", prefix.steps + [step], type,
                    names=f"{prefix.names}.{name}" if prefix.names is not None else None)
        yield from _inside(here, fields, depth)


def _inside(here, fields, depth):
    yield here
    type = here.type
    if isinstance(type, Array):
        for i in sorted({0, 1, type.count - 1} & set(range(type.count))):
            step = lambda world, i=i: i * type.element.layout(world)[0]  # noqa: E731
            yield from _inside(Path(f"{here.text}[{i}]", here.steps + [step], type.element, names=None), fields,
                               depth)
    elif isinstance(type, Leaf) and not type.wrapper:
        for name, width in fields(type.type).items():
            step = lambda world, name=name: world.offset(type.type.name, name)  # noqa: E731
            yield Path(f"{here.text}.{name}", here.steps + [step], None, width,
                       f"{here.names}.{name}" if here.names is not None else None, (type.type.name, name))
    elif isinstance(type, Own) and not isinstance(type.definition, (CEnum, OptionOf)) and depth < 3:
        yield from paths(type.definition, fields, here, depth + 1)
