// SPDX-License-Identifier: GPL-2.0-only
//
// Options of the kernel's configuration that a kernel shows without its configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/target.h"

namespace race::kernel {

// "y", "n" or a number of what the processor decides: an x86-64 kernel is one, and is no other
// processor's.  Nothing of other options.
std::optional<std::string> ConfigOfProcessor(const Target& target, std::string_view option);

// "y" or "n" of an option that is no tristate: told by the processor, by vermagic, or by
// what is exported or typed where the option is set and not where it is not.  Nothing
// where no witness is known, or where the witnesses of an option contradict each other: a
// name may have changed, and its absence says nothing then.
std::optional<std::string> WitnessedConfig(const Target& target, std::string_view option);

}  // namespace race::kernel
