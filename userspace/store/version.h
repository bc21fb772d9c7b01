// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace race::store {

// Of what runs on users' machines.  A module that another version resolved is not taken
// from the store.
inline constexpr char kVersion[] = "0.1.0";

}  // namespace race::store
