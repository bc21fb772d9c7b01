// SPDX-License-Identifier: GPL-2.0-only
//
// What the kernel crate computes while it, or a driver that uses it, is compiled: the MIR of
// its constants, statics and const functions, kept in the SDK as "kernel-constants.mir".
#pragma once

#include <string>
#include <string_view>

#include "build/mir_text.h"
#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

// Compiles the kernel crate of the SDK at options.output for its MIR, and keeps what is
// evaluated at compile time.
Status WriteKernelConstants(const SdkOptions& options);

// Those of an SDK, made when it has none yet; their crate is "kernel".  Without any where the
// SDK cannot be written to: then what the kernel crate does is not known.
Result<Mir> ReadKernelConstants(const Sdk& sdk);

// The lines of compile-time bodies, with kMirLayout for numbers that `other` has others of;
// without the bodies that differ in more.  kSdkCompile when there are not as many.
Result<std::string> CompileTimeMir(std::string_view text, std::string_view other);

}  // namespace race::build
