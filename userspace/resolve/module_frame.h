// SPDX-License-Identifier: GPL-2.0-only
//
// What the kernel's own build gives every module: `this_module` and modinfo,
// made for the target.
#pragma once

#include <set>
#include <string>

#include "kernel/target.h"
#include "rcrate/elf_object.h"
#include "rcrate/rcrate_file.h"
#include "support/result.h"

namespace race::resolve {

// Adds .gnu.linkonce.this_module: a struct module of the target's size, with the
// name, init and exit where the target has them; defines __this_module.
// Errors: kModuleFrame.
Status AddThisModule(const rcrate::RcrateFile& file, const kernel::Target& target,
                     elf::Object* object);

// Makes .modinfo anew: the driver's own entries, then name, depends, retpoline
// and vermagic for the target.  Errors: kModuleFrame.
Status RewriteModinfo(const rcrate::RcrateFile& file, const kernel::Target& target,
                      const std::set<std::string>& depends, elf::Object* object);

// Refuses targets that demand of a module's code what this code does not have.
// Errors: kModuleFrame.
Status CheckDemands(const rcrate::RcrateFile& file, const kernel::Target& target,
                    const elf::Object& object);

}  // namespace race::resolve
