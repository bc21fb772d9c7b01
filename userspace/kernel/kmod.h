// SPDX-License-Identifier: GPL-2.0-only
//
// Owners of libkmod's objects.
#pragma once

#include <libkmod.h>

#include <memory>

namespace race::kernel {

struct KmodEnd {
  void operator()(kmod_ctx* context) const { kmod_unref(context); }
  void operator()(kmod_module* module) const { kmod_module_unref(module); }
};
using KmodContext = std::unique_ptr<kmod_ctx, KmodEnd>;
using KmodModule = std::unique_ptr<kmod_module, KmodEnd>;

}  // namespace race::kernel
