// SPDX-License-Identifier: GPL-2.0-only
//
// Where the parts of a static lie that hold its contents, by its type.
#pragma once

#include <llvm/IR/GlobalVariable.h>

#include <optional>
#include <vector>

#include "build/own_layouts.h"
#include "build/static_image.h"

namespace race::build {

struct StaticPart {
  Expression place;
  std::vector<int64_t> places;  // bytes, one a variant
  uint64_t size = 0;            // bytes, the same in all variants
};

// The type of a static in all variants; empty when the debug information does not say it.
TypeInVariants TypeOfStatic(const std::vector<llvm::GlobalVariable*>& variables);

// The parts of a static of that type in which the images, one a variant, have contents; none
// when its contents do not all lie where its type has something, or when what has them is not
// told from what shares its place.
std::optional<std::vector<StaticPart>> PartsOfStatic(const TypeInVariants& type,
                                                     const std::vector<StaticImage>& images,
                                                     OwnLayouts* own);

}  // namespace race::build
