// SPDX-License-Identifier: GPL-2.0-only
//
// The kernel crate's functions that only pass a call on to a C function: it has
// them, never inlined and exported, for C functions that modules may not call.
#pragma once

#include <llvm/IR/Module.h>

#include <map>
#include <string>

namespace race::build {

// Leaves the forwarders out of the module: who called one calls the C function
// instead, which does the same.  Where a target does not export that, but has the
// forwarder, the resolver binds the call to the latter.  Returns the forwarders'
// paths, by the name of the C function.
//
// A forwarder is a function of a module of the kernel crate, not to be inlined,
// of the C function's name, whose only work is that call: with its own parameters
// in their order, scalars or pointers at most six (so that both conventions pass
// them in the same registers), and the same result.
std::map<std::string, std::string> ReplaceForwarders(llvm::Module* module);

}  // namespace race::build
