// SPDX-License-Identifier: GPL-2.0-only
//
// The layouts that a real kernel has for the types of the bindings.
#pragma once

#include "build/bindings_model.h"
#include "build/variant_layout.h"
#include "steg/graph.h"

namespace race::build {

// Of the types that have a name in C and one layout there, with the fields that have a name
// and are no bit fields.
KernelLayouts LayoutsOfKernel(const Bindings& bindings, const steg::Graph& kernel);

}  // namespace race::build
