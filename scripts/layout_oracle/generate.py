# SPDX-License-Identifier: GPL-2.0-only
"""Random own types, from a seeded generator: the same seed and pool give the same types."""

from .own_types import (Array, CEnum, CStruct, CUnion, Definition, Leaf, Measured, OptionOf, Own, RustTuple, Scalar)

SCALARS = [Scalar("u8", 1), Scalar("u8", 1), Scalar("u16", 2), Scalar("u32", 4), Scalar("u32", 4), Scalar("i64", 8),
           Scalar("usize", 8), Scalar("u64", 8), Scalar("bool", 1)]
POINTERS = [Scalar("*mut u8", 8), Scalar("&'static str", 16, False, 8), Scalar("&'static u32", 8, False),
            Scalar("Option<extern \"C\" fn(u32) -> u32>", 8), Scalar("Option<core::ptr::NonNull<u16>>", 8)]
WRAPPERS = ["Opaque<*>", "MaybeUninit<*>", "UnsafeCell<*>"]
LARGEST_OWN = 6000  # bytes, of the kernel types in it and a little more: buffers and stacks are bounded
MOST_LEAVES = 14    # kernel types in one own type, arrays counted once


def is_copy(type):
    """A union takes nothing else: scalars and kernel types."""
    while isinstance(type, Array):
        type = type.element
    return isinstance(type, Scalar) or isinstance(type, Leaf) and not type.wrapper


def only_first_moves(rng, members):
    """What shares the place of a kernel type may not be larger on one kernel and smaller on another: such
    a type is refused.  So the others are scalars, but for one type in eight."""
    if rng.random() < 0.125:
        return members
    moving = [i for i, (_, type) in enumerate(members) if not isinstance(type, Scalar)]
    return [(name, rng.choice(SCALARS) if i in moving[1:] else type) for i, (name, type) in enumerate(members)]


class Generator:
    """rng: random.Random.  pool: pool.Pool.  wide: with alignments above 8, which are refused where a held
    size is another."""

    def __init__(self, rng, pool, wide=False, holding=()):
        self.rng, self.pool, self.wide = rng, pool, wide
        self.made = []
        # What one driver's types hold: few kinds, as in a driver, or many.
        count = rng.choice([5, 8, 8, 12, 12, 20, 32])
        groups = [pool.common, pool.common, pool.odd, sorted(pool.types)]
        self.words = [pool.types[rng.choice(rng.choice([group for group in groups if group]))] for _ in range(count)]
        self.words += [pool.types[name] for name in holding] * 3

    def leaf(self):
        type = Leaf(self.rng.choice(self.words))
        if self.rng.random() < 0.2:
            type.wrapper = self.rng.choice(WRAPPERS)
        return type

    def scalar(self):
        rng = self.rng
        if rng.random() < 0.15:
            return rng.choice(POINTERS)
        if rng.random() < 0.12:
            return Array(rng.choice(SCALARS[:6]), rng.choice([2, 3, 5, 7, 16, 33]))
        if self.wide and rng.random() < 0.1:
            return Scalar("u128", 16)
        return rng.choice(SCALARS)

    def member(self, leaf_only=False):
        rng = self.rng
        draw = 0 if leaf_only else rng.random()
        if draw < 0.42:
            return self.leaf()
        if draw < 0.55:
            return Array(self.leaf(), rng.choice([2, 3, 3, 4, 5, 8]))
        if draw < 0.70 and self.made:
            own = Own(rng.choice(self.made))
            return own if rng.random() < 0.7 else Array(own, rng.choice([2, 3, 4]))
        return self.scalar()

    def members(self, low, high, names="abcdefghij"):
        rng = self.rng
        count = rng.randint(low, high)
        found = [self.member(leaf_only=(i == 0)) for i in range(count)]
        rng.shuffle(found)
        return list(zip(names, found))

    def definition(self, name):
        rng, draw = self.rng, self.rng.random()
        if draw < 0.44:
            made = CStruct(name, self.members(2, 7))
        elif draw < 0.54:
            made = CStruct(name, self.members(1, 4))
            made.align = rng.choice([2, 4, 8, 8] + ([16, 32, 64] if self.wide else []))
        elif draw < 0.60:
            made = CStruct(name, self.members(2, 4))
            made.generic = rng.choice([i for i in range(len(made.members)) if made.members[i][1].spelled != ""])
        elif draw < 0.62:
            made = CStruct(name, self.members(2, 4), packed=rng.choice([1, 2, 4]))
        elif draw < 0.69:
            made = CUnion(name, only_first_moves(rng, [(n, t) for n, t in self.members(2, 4) if is_copy(t)]))
        elif draw < 0.77:
            members = only_first_moves(rng, [(n.upper(), t) for n, t in self.members(1, 3)])
            made = CEnum(name, members + [("Z", None)],
                         tag=rng.choice(["C", "C", "u8", "u16", "u32"]))
            # Its first variant is the one that is written and read.
            made.members.sort(key=lambda member: not (isinstance(member[1], (Leaf, Own))))
        elif draw < 0.88:
            made = Measured(name, self.members(2, 6))
        elif draw < 0.92:
            made = RustTuple(name, self.members(2, 4, "0123456789"))
        else:
            made = OptionOf(name, [("some", Own(rng.choice(self.made)) if self.made and rng.random() < 0.7
                                    else self.leaf())])
        return made

    def fits(self, made: Definition):
        """Also notes its bounds: bytes on any kernel, and in any variant of the SDK."""
        bound = widest = 0
        for _, type in made.members:
            factor = 1
            while isinstance(type, Array):
                factor, type = factor * type.count, type.element
            if isinstance(type, Leaf):
                bound += factor * (type.type.largest + 8)
                widest += factor * type.type.widest
            elif isinstance(type, Own):
                bound += factor * type.definition.bound
                widest += factor * type.definition.widest
            elif type:
                bound += factor * (type.layout(None)[0] + 8)
        made.bound, made.widest = bound + 64, widest + 64
        if not made.leaves() or len(made.leaves()) > MOST_LEAVES or bound > LARGEST_OWN:
            return False
        if isinstance(made, CUnion) and not (made.members and made.zeroable):
            return False
        # A packed type may not hold what asks for an alignment, and its members have no reference.
        return not getattr(made, "packed", 0) or all(
            isinstance(type, (Scalar, Leaf)) and not getattr(type, "wrapper", "") for _, type in made.members)

    def run(self, count):
        """`count` definitions; each may hold the ones before it."""
        number = 0
        while len(self.made) < count:
            made = self.definition(f"T{number}")
            if self.fits(made):
                self.made.append(made)
                number += 1
        return self.made
