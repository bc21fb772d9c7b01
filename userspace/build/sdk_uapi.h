// SPDX-License-Identifier: GPL-2.0-only
//
// The crate `uapi`: bindgen's output for another list of headers, which include the kernel's own.
// So it has most types of the bindings once more, struct file among them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "build/bindings_model.h"
#include "support/result.h"

namespace race::build {

inline constexpr const char* kUapiSource = "/rust/uapi/uapi_generated.rs";

// Types that C defines in headers below include/uapi, by the output of the preprocessor: what
// user space is told of.
std::set<std::string> TypesForUsers(std::string_view preprocessed);

// Which types of the crate keep their layout in every variant, and why: "user" for those that user
// space knows, "other" for those that the bindings do not have so.
using UapiTypes = std::map<std::string, std::string>;
UapiTypes ExactUapiTypes(const Bindings& uapi, const Bindings& bindings,
                         const std::set<std::string>& for_users);

// The same for a tree that Kbuild has prepared.  kSdkTree.
Result<UapiTypes> ReadUapiTypes(const std::string& tree, const std::string& output,
                                const Bindings& bindings);

// uapi_generated.rs, whose model `uapi` is, in which all types but those in `exact` are the
// bindings' own.  So it is the same under each layout, and takes a fraction of the time and room.
// Each line is where it was.  The crate needs `--extern=bindings`.
std::string RewriteUapi(const Bindings& uapi, const UapiTypes& exact);

}  // namespace race::build
