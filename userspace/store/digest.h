// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

namespace race::store {

// Two digits a byte.
std::string Hex(std::string_view bytes);
// SHA-256 as 64 hexadecimal digits.
std::string Sha256(std::string_view bytes);

}  // namespace race::store
