// SPDX-License-Identifier: GPL-2.0-only
//
// The identity of a Rust function across kernels: its path.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace race::rcrate {

// "kernel::devres::base::devres_node_add" of a v0 symbol that names a function by
// its modules alone (RFC 2603: _R N<namespace>... C [s<base 62>_] <identifier>...);
// nothing for any other symbol: generic instances, methods, closures, other
// manglings.  What is left out is the crate's disambiguator, a hash that differs
// from one kernel build to the next.
std::optional<std::string> RustPath(std::string_view symbol);

}  // namespace race::rcrate
