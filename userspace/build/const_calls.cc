// SPDX-License-Identifier: GPL-2.0-only
#include "build/const_calls.h"

#include <algorithm>
#include <vector>

#include "build/mir_items.h"

namespace race::build {
namespace {

struct Known {
  const char* owner;  // module or type in front of the name; "" for any
  const char* name;
  KnownItem item;
};

constexpr Known kKnown[] = {
    {"mem", "size_of", KnownItem::kLayout},
    {"mem", "size_of_val", KnownItem::kLayout},
    {"mem", "align_of", KnownItem::kLayout},
    {"mem", "align_of_val", KnownItem::kLayout},
    {"mem", "min_align_of", KnownItem::kLayout},
    {"mem", "min_align_of_val", KnownItem::kLayout},
    {"intrinsics", "size_of", KnownItem::kLayout},
    {"intrinsics", "size_of_val", KnownItem::kLayout},
    {"intrinsics", "align_of", KnownItem::kLayout},
    {"intrinsics", "align_of_val", KnownItem::kLayout},
    {"intrinsics", "min_align_of", KnownItem::kLayout},
    {"intrinsics", "offset_of", KnownItem::kLayout},
    {"Layout", "new", KnownItem::kLayout},
    {"Layout", "for_value", KnownItem::kLayout},
    {"Layout", "array", KnownItem::kLayout},
    {"SizedTypeProperties", "SIZE", KnownItem::kLayout},
    {"SizedTypeProperties", "ALIGN", KnownItem::kLayout},
    {"SizedTypeProperties", "ALIGNMENT", KnownItem::kLayout},
    {"SizedTypeProperties", "LAYOUT", KnownItem::kLayout},

    {"Layout", "size", KnownItem::kLinear},
    {"Layout", "align", KnownItem::kLinear},
    {"Layout", "from_size_align_unchecked", KnownItem::kLinear},
    {"Alignment", "of", KnownItem::kLayout},
    {"Alignment", "as_usize", KnownItem::kLinear},
    {"convert", "identity", KnownItem::kLinear},
    {"hint", "black_box", KnownItem::kLinear},
    {"", "wrapping_add", KnownItem::kLinear},
    {"", "wrapping_sub", KnownItem::kLinear},
    {"", "wrapping_neg", KnownItem::kLinear},
    {"", "unchecked_add", KnownItem::kLinear},
    {"", "unchecked_sub", KnownItem::kLinear},
    {"", "cast_signed", KnownItem::kLinear},
    {"", "cast_unsigned", KnownItem::kLinear},
    {"<impl", "len", KnownItem::kLinear},
    {"MaybeUninit", "new", KnownItem::kLinear},
    {"MaybeUninit", "write", KnownItem::kLinear},
    {"MaybeUninit", "assume_init", KnownItem::kLinear},
    {"MaybeUninit", "as_ptr", KnownItem::kLinear},
    {"MaybeUninit", "as_mut_ptr", KnownItem::kLinear},
    {"ManuallyDrop", "new", KnownItem::kLinear},
    {"ManuallyDrop", "into_inner", KnownItem::kLinear},
    {"UnsafeCell", "new", KnownItem::kLinear},
    {"UnsafeCell", "into_inner", KnownItem::kLinear},
    {"Cell", "new", KnownItem::kLinear},
    {"Atomic", "new", KnownItem::kLinear},
    {"AtomicUsize", "new", KnownItem::kLinear},
    {"AtomicIsize", "new", KnownItem::kLinear},
    {"AtomicU64", "new", KnownItem::kLinear},
    {"AtomicU32", "new", KnownItem::kLinear},
    {"ptr", "write", KnownItem::kLinear},

    {"", "byte_offset_from", KnownItem::kDifference},
    {"", "byte_offset_from_unsigned", KnownItem::kDifference},
    {"", "byte_sub_ptr", KnownItem::kDifference},
    {"", "offset_from", KnownItem::kElements},
    {"", "offset_from_unsigned", KnownItem::kElements},
    {"", "sub_ptr", KnownItem::kElements},
    {"intrinsics", "ptr_offset_from", KnownItem::kElements},
    {"intrinsics", "ptr_offset_from_unsigned", KnownItem::kElements},

    {"", "cast", KnownItem::kCast},
    {"", "cast_mut", KnownItem::kCast},
    {"", "cast_const", KnownItem::kCast},
    {"NonNull", "new_unchecked", KnownItem::kCast},
    {"NonNull", "as_ptr", KnownItem::kCast},
    {"ptr", "from_ref", KnownItem::kCast},
    {"ptr", "from_mut", KnownItem::kCast},
    {"", "add", KnownItem::kMove},
    {"", "sub", KnownItem::kMove},
    {"", "offset", KnownItem::kMove},
    {"", "byte_add", KnownItem::kMove},
    {"", "byte_sub", KnownItem::kMove},
    {"", "byte_offset", KnownItem::kMove},
    {"", "wrapping_offset", KnownItem::kMove},
    {"", "wrapping_byte_add", KnownItem::kMove},
    {"", "wrapping_byte_sub", KnownItem::kMove},
    {"", "wrapping_byte_offset", KnownItem::kMove},

    {"ptr", "read", KnownItem::kRead},
    {"NonNull", "read", KnownItem::kRead},
    {"mem", "transmute_copy", KnownItem::kReinterpret},

    {"", "is_null", KnownItem::kHarmless},
    {"Option", "is_some", KnownItem::kHarmless},
    {"Option", "is_none", KnownItem::kHarmless},
    {"Result", "is_ok", KnownItem::kHarmless},
    {"Result", "is_err", KnownItem::kHarmless},
    {"mem", "needs_drop", KnownItem::kHarmless},
    {"mem", "forget", KnownItem::kHarmless},
    {"any", "type_name", KnownItem::kHarmless},
    {"TypeId", "of", KnownItem::kHarmless},
    {"CStr", "count_bytes", KnownItem::kHarmless},
    {"<impl", "is_empty", KnownItem::kHarmless},
};

bool IsCore(std::string_view path) {
  for (std::string_view crate : {"core::", "std::"})
    if (path.starts_with(crate)) return true;
  // A constant of core's trait, of any type.
  const size_t as = path.find(" as core::mem::SizedTypeProperties>::");
  return path.starts_with("<") && as != path.npos && MirClosing(path, 0) == as + 36 - 2;
}

}  // namespace

KnownItem KnownItemOf(std::string_view path) {
  // Before its arguments are known, MIR has the intrinsic by its name alone.
  if (path.starts_with("offset_of::<")) return KnownItem::kLayout;
  if (!IsCore(path)) return KnownItem::kUnknown;
  const std::vector<std::string> parts = MirPathParts(path);
  if (parts.size() < 2) return KnownItem::kUnknown;
  const std::string& name = parts.back();
  const std::string& before = parts[parts.size() - 2];
  const bool properties = before.starts_with("<") && !before.starts_with("<impl");
  for (const Known& known : kKnown) {
    if (name != known.name) continue;
    const std::string_view owner = known.owner;
    if (properties
            ? owner == "SizedTypeProperties"
            : owner.empty() || before == owner || (owner == "<impl" && before.starts_with("<impl")))
      return known.item;
    // "core::ptr::mut_ptr::<impl *mut T>::write"
    if (owner == "ptr" && before.starts_with("<impl *")) return known.item;
  }
  return KnownItem::kUnknown;
}

}  // namespace race::build
