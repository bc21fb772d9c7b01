// SPDX-License-Identifier: GPL-2.0-only
//
// A static's initialiser as bytes and addresses.
#pragma once

#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/Module.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/result.h"

namespace race::build {

struct StaticAddress {
  uint64_t offset = 0;  // bytes, in the static
  llvm::GlobalValue* target = nullptr;
  int64_t addend = 0;  // bytes
};

struct StaticImage {
  std::string bytes;                     // size of the static; zero where an address stands
  std::vector<StaticAddress> addresses;  // by offset
};

// Errors: kUnsupported for a constant that is neither data nor an address.
Result<StaticImage> ReadStatic(const llvm::GlobalVariable& variable);

// The number of up to 8 bytes at `at`, little endian; what lies beyond the end is 0.
int64_t WordAt(const std::string& bytes, uint64_t at, uint64_t length);

}  // namespace race::build
