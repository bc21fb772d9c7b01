# SPDX-License-Identifier: GPL-2.0-only
"""The kernel types that own types are made of.

A type is taken when it is complete in every kernel of the run, is no larger than
LARGEST bytes in any, and its alignment follows from its members: what BTF does not tell
(an explicit alignment) is not known here.  The alignment in Rust code is the SDK's, which
is rustc's; spinlocks and their kind have 8 there on every kernel (Documentation/design.md).
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from .btf import ENUM, FUNC_PROTO, INT, PTR

LARGEST = 2048
RAISED = ("spinlock", "rwlock", "seqcount_mutex", "seqcount_spinlock", "seqcount_rwlock", "seqcount_raw_spinlock")
COMMON = """mutex completion list_head hlist_head hlist_node rb_root rb_node work_struct delayed_work timer_list hrtimer
    notifier_block miscdevice device file kref refcount_struct atomic_t atomic64_t sockaddr sockaddr_in sockaddr_in6
    cpuinfo_topology idr ida xarray percpu_ref scatterlist bio_vec kobject wait_queue_head wait_queue_entry
    rw_semaphore semaphore spinlock raw_spinlock seqcount seqlock_t file_operations device_driver attribute
    device_attribute bin_attribute llist_head callback_head srcu_struct lockref pollfd timespec64 in6_addr
    i2c_client i2c_msg spi_device platform_device pci_dev net_device napi_struct sk_buff_head ethhdr
    resource irqaction tasklet_struct kthread_work kthread_worker cdev inode dentry path qstr iov_iter kiocb
    rhashtable_params rhash_head radix_tree_root maple_tree percpu_counter rcu_work swait_queue_head
    ktime_t fwnode_handle of_device_id pci_device_id usb_device_id dev_pm_ops class bus_type blk_mq_tag_set request
    bio xattr wakeup_source poll_table_struct seq_file timezone itimerspec64 rusage kstat iattr""".split()
KEYWORDS = set("as break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut "
               "pub ref return self static struct super trait true type unsafe use where while async await box "
               "try union final virtual yield macro typeof priv abstract become do override unsized gen".split())


@dataclass
class KernelType:
    """name: bindgen's.  align: in Rust code.  raised: that is more than some kernel's own.
    fields: {name: its width in bytes} of numbers and pointers, the same on all kernels; kept: those of
    them that the SDK's variant `small` has.  largest: bytes on any kernel.  widest: in any variant."""
    name: str
    align: int
    raised: bool = False
    fields: dict = field(default_factory=dict)
    largest: int = 0
    widest: int = 0
    kept: dict = field(default_factory=dict)


@dataclass
class Pool:
    types: dict      # name -> KernelType
    common: list     # names that drivers often use
    odd: list        # names of types whose size is no multiple of 8 on some kernel
    left_out: dict   # why -> how many


def read_layouts(sdk):
    """{type: {field or "-": (alignment of the type, greatest value in a variant)}}, of types that have variants"""
    found = {}
    for line in (Path(sdk) / "layouts").read_text().splitlines():
        name, member, *numbers = line.split()
        found.setdefault(name, {})[member] = (int(numbers[0]), max(int(number) for number in numbers[1:]))
    return found


def read_frozen(sdk):
    return {line.split()[0] for line in (Path(sdk) / "frozen").read_text().splitlines() if line}


def read_bindings(sdk):
    """({type: its fields that `small` leaves out}, types with an explicit alignment)

    A driver that names a field which is left out is compiled against layouts of its own, which
    takes `race build` half a minute more."""
    left_out, aligned, name, attribute = {}, set(), "", ""
    text = (Path(sdk) / "variant/small/rust/bindings/bindings_generated.rs").read_text()
    for line in text.splitlines():
        found = re.match(r"pub (?:struct|union) (\w+)", line)
        if found:
            name = found[1]
            if "align(" in attribute:
                aligned.add(name)
        attribute = line if line.startswith("#[repr") else attribute if line.startswith("#[") else ""
        for member in re.findall(r"__race_left_out_(\w+):", line):
            left_out.setdefault(name, set()).add(member)
    return left_out, aligned


def holds_raised(btf, id, known):
    """Whether a type holds a spinlock or its kind by value."""
    id = btf.plain(id)
    if id not in known:
        known[id] = False
        if btf.kind(id) == 3:
            known[id] = holds_raised(btf, btf.array(id)[0], known)
        elif btf.kind(id) in (4, 5):
            known[id] = any(holds_raised(btf, type, known) for _, _, type, _ in btf.members(id))
    return known[id]


def scalar_fields(worlds, name, named):
    """{field: bytes} of a type's numbers and pointers that are the same kind on all kernels."""
    fields = {}
    first = worlds[0].btf
    for member, _, _, _ in first.members(first.aggregate(name)):
        if not member or member in KEYWORDS or (named is not None and member not in named):
            continue
        kinds = set()
        for world in worlds:
            btf = world.btf
            found = btf.field(btf.aggregate(name), member)
            plain = btf.plain(found[1]) if found else 0
            boolean = plain and btf.kind(plain) == INT and btf.data[btf.at[plain] + 15] & 4
            function = plain and btf.kind(plain) == PTR and btf.kind(btf.target(plain)) == FUNC_PROTO
            kinds.add((btf.kind(plain), btf.size(plain)) if plain and not boolean and not function and
                      btf.kind(plain) in (INT, PTR, ENUM) else None)
        if len(kinds) == 1 and None not in kinds:
            fields[member] = kinds.pop()[1]
    return fields


def examine(name, worlds, layout, is_frozen):
    """A KernelType, or the reason why it is none."""
    btfs = [world.btf for world in worlds]
    ids = [btf.aggregate(name) for btf in btfs]
    if None in ids:
        return "not on every kernel, or two of that name"
    sizes = [btf.size(id) for btf, id in zip(btfs, ids)]
    aligns = [btf.align(id) for btf, id in zip(btfs, ids)]
    if 0 in aligns:
        return "packed"
    if max(sizes) > LARGEST:
        return f"larger than {LARGEST} bytes"
    if 0 in sizes:
        return "empty"
    align = layout["-"][0] if layout else aligns[0]
    known = {}
    raised = name in RAISED or holds_raised_of(worlds[0], ids[0], known)
    if raised and not is_frozen:
        align = max(align, 8)
    if any(a != align for a in aligns) and not (raised and max(aligns) <= align):
        return "aligned explicitly, or otherwise on some kernel"
    if is_frozen and len({tuple(btf.flat(id)) for btf, id in zip(btfs, ids)}) > 1:
        return "frozen, and another on some kernel"
    return KernelType(name, align, any(a != align for a in aligns),
                      scalar_fields(worlds, name, set(layout) if layout else None), max(sizes))


def holds_raised_of(world, id, known):
    """The same by name: BTF's struct spinlock and the others that Documentation/design.md lists."""
    btf = world.btf
    if not known:
        for name in RAISED:
            root = btf.aggregate(name)
            if root:
                known[root] = True
    return holds_raised(btf, id, known)


def make(worlds, sdk):
    """sdk: a folder, or None for the common types alone (a run against rustc needs no SDK)."""
    layouts = read_layouts(sdk) if sdk else dict.fromkeys(COMMON)
    frozen = read_frozen(sdk) if sdk else set()
    left_out, aligned = read_bindings(sdk) if sdk else ({}, set())
    pool = Pool({}, [], [], {})
    for name in sorted(frozen | set(layouts)):
        layout = layouts.get(name)
        if layout and "-" not in layout or "__bindgen" in name:
            found = "unnamed, or of unknown size"
        elif name in frozen and name in aligned:
            found = "aligned explicitly, or otherwise on some kernel"
        else:
            found = examine(name, worlds, layout, name in frozen)
        if isinstance(found, str):
            pool.left_out[found] = pool.left_out.get(found, 0) + 1
            continue
        found.widest = layout["-"][1] if layout else found.largest
        found.kept = {member: width for member, width in found.fields.items()
                      if member not in left_out.get(name, ())}
        pool.types[name] = found
        if name in COMMON:
            pool.common.append(name)
        if any(world.size(name) % 8 for world in worlds):
            pool.odd.append(name)
    return pool
