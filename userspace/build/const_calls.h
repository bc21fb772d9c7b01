// SPDX-License-Identifier: GPL-2.0-only
//
// What functions and constants of core do with layouts.  Those that are not listed are not
// known, and a driver that calls one with a layout while it is compiled is refused.
#pragma once

#include <string>
#include <string_view>

namespace race::build {

enum class KnownItem {
  kUnknown,
  kLayout,       // its value is a layout: size_of()
  kLinear,       // a layout among its arguments stays one: Layout::size()
  kDifference,   // of two addresses, in bytes
  kElements,     // of two addresses, in elements
  kCast,         // a pointer to another type
  kMove,         // a pointer to another place
  kRead,         // what a pointer points to
  kReinterpret,  // that, as another type
  kHarmless,     // its value depends on no layout, whatever it is asked about
};

// Of "core::mem::size_of::<T>", "<T as core::mem::SizedTypeProperties>::SIZE".
KnownItem KnownItemOf(std::string_view path);

}  // namespace race::build
