// SPDX-License-Identifier: GPL-2.0-only
//
// What compresses kernels and modules: gzip, xz, lzma, zstd and lz4, told apart
// by their first bytes.
#pragma once

#include <string_view>

#include "kernel/bytes.h"
#include "support/result.h"

namespace race::kernel {

// "gzip", "xz", "lzma", "zstd", "lz4", the name of one that is not supported
// ("bzip2", "lzo"), or nullptr.
const char* CompressionName(std::string_view data);

// Unpacks to exactly `size` bytes; what follows the compressed stream is not
// looked at.  Errors: kNotKernel.
Result<Bytes> DecompressExactly(std::string_view data, uint64_t size);

// Unpacks to whatever size it is, at most `limit`.  Errors: kNotKernel.
Result<std::string> DecompressUpTo(std::string_view data, uint64_t limit);

}  // namespace race::kernel
