// SPDX-License-Identifier: GPL-2.0-only
//
// Large read-only or decompressed contents, mapped rather than copied: a kernel
// unpacks to 60 MB, of which a tenth is looked at.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "support/result.h"

namespace race::kernel {

class Bytes {
 public:
  Bytes() = default;
  ~Bytes();
  Bytes(Bytes&& other) noexcept { *this = std::move(other); }
  Bytes& operator=(Bytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  // Maps a whole regular file.  Errors: kTargetNotFound when it cannot be opened.
  static Result<Bytes> Map(const std::string& path);
  // Zeroed memory for `size` bytes.  Errors: kNotKernel when there is not enough.
  static Result<Bytes> Allocate(size_t size);
  static Result<Bytes> Copy(std::string_view content);

  char* data() { return data_; }
  size_t size() const { return size_; }
  std::string_view view() const { return {data_, size_}; }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace race::kernel
