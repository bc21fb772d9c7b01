// SPDX-License-Identifier: GPL-2.0-only
//
// The only way RACE reads bytes that it did not write itself.  A cursor never
// leaves its bytes and never advances when a read fails; what failed and where
// is said by the caller, who knows what the bytes mean.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace race {

// Whether [offset, offset + length) lies within `size` bytes; no sum overflows.
inline bool InRange(uint64_t size, uint64_t offset, uint64_t length) {
  return offset <= size && length <= size - offset;
}

// The bytes [offset, offset + length) of `data`, or false.
inline bool Slice(std::string_view data, uint64_t offset, uint64_t length, std::string_view* out) {
  if (!InRange(data.size(), offset, length)) return false;
  *out = data.substr(offset, length);
  return true;
}

// The NUL-terminated string at `offset` of `data`, or false when no NUL follows.
inline bool StringAt(std::string_view data, uint64_t offset, std::string_view* out) {
  if (offset >= data.size()) return false;
  size_t end = data.find('\0', offset);
  if (end == std::string_view::npos) return false;
  *out = data.substr(offset, end - offset);
  return true;
}

class Cursor {
 public:
  explicit Cursor(std::string_view data, uint64_t offset = 0) : data_(data), offset_(offset) {}

  uint64_t offset() const { return offset_; }
  uint64_t remaining() const { return offset_ <= data_.size() ? data_.size() - offset_ : 0; }

  // Copies a record out; alignment does not matter.  Little endian, as the
  // machines that RACE serves are.
  template <typename T>
  bool Read(T* out) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::string_view bytes;
    if (!Bytes(sizeof(T), &bytes)) return false;
    std::memcpy(out, bytes.data(), sizeof(T));
    return true;
  }

  bool Bytes(uint64_t length, std::string_view* out) {
    if (!Slice(data_, offset_, length, out)) return false;
    offset_ += length;
    return true;
  }

  bool CString(std::string_view* out) {
    if (!StringAt(data_, offset_, out)) return false;
    offset_ += out->size() + 1;
    return true;
  }

  bool Skip(uint64_t length) {
    std::string_view ignored;
    return Bytes(length, &ignored);
  }

  bool Seek(uint64_t offset) {
    if (offset > data_.size()) return false;
    offset_ = offset;
    return true;
  }

 private:
  std::string_view data_;
  uint64_t offset_;
};

}  // namespace race
