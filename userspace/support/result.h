// SPDX-License-Identifier: GPL-2.0-only
//
// Errors are values.  A function that can fail returns Result<T>, which holds a
// T or an Error; an Error says which file, section and offset, what was expected
// and what to do, under a stable code that Documentation/diagnostics.md explains.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <variant>

namespace race {

// The number in RACE-Ennnn.  Each is documented in Documentation/diagnostics.md;
// the hundreds say which part of RACE found the problem.
enum class Code : uint16_t {
  // 01xx: files and arguments
  kUsage = 100,
  kFileOpen = 101,
  kFileRead = 102,
  kFileWrite = 103,
  kCommandFailed = 104,
  // 02xx: a .rcrate (or STEG) is malformed
  kNotElf = 201,
  kNotRcrate = 202,
  kBadMagic = 203,
  kBadVersion = 204,
  kBadMachine = 205,
  kBadHeader = 206,
  kBadChecksum = 207,
  kBadTable = 208,
  kBadString = 209,
  kBadReference = 210,
  kBadElf = 211,
  kBadSteg = 212,
  // 03xx: the target kernel cannot be read
  kTargetNotFound = 301,
  kNotKernel = 302,
  kNoBtf = 303,
  kBadBtf = 304,
  kNoExports = 305,
  kNoRelease = 306,
  kNoRust = 307,
  kBadModule = 308,
  // 04xx: a contract does not hold on the target
  kTypeMissing = 401,
  kTypeAmbiguous = 402,
  kFieldMissing = 403,
  kFieldType = 404,
  kFieldBitfield = 405,
  kAlignment = 406,
  kOutOfRange = 407,
  kRoomExceeded = 408,
  kFrozenLayout = 409,
  kEnumeratorMissing = 410,
  kImportMissing = 411,
  kImportPrototype = 412,
  kImportGpl = 413,
  kImportNamespace = 414,
  kConfig = 415,
  kModuleFrame = 416,
  kImportAmbiguous = 417,
  kBitfieldUnit = 418,
  // 05xx: linking for the target
  kRelocation = 501,
  kRelocationOverflow = 502,
  kOldValue = 503,
  kShape = 504,
  kUndefined = 505,
  kFacts = 506,
  // 06xx: race build
  kBuildInput = 601,
  kBuildCompile = 602,
  kShapeDiffers = 603,
  kUnsolved = 604,
  kProofFailed = 605,
  kPrintFormat = 606,
  kSignature = 607,
  kBuildLink = 608,
  kBuildObjtool = 609,
  kUnsupported = 610,
  kForeignItem = 611,
  // 07xx: race sdk
  kSdkTree = 701,
  kSdkCompile = 702,
  kSdkVectors = 703,
  kSdkInvalid = 704,
};

struct Error {
  Code code;
  std::string message;  // one or more lines, without the code

  // "RACE-E0403: struct file has no field ..."
  std::string Text() const {
    std::string digits = std::to_string(static_cast<unsigned>(code));
    return "RACE-E" + std::string(4 - digits.size(), '0') + digits + ": " + message;
  }
};

// Builds an Error from streamed parts: return Fail(Code::kBadTable) << "...";
class Fail {
 public:
  explicit Fail(Code code) : code_(code) {}
  template <typename T>
  Fail&& operator<<(const T& part) && {
    stream_ << part;
    return std::move(*this);
  }
  operator Error() && { return Error{code_, std::move(stream_).str()}; }
  Error Take() && { return Error{code_, std::move(stream_).str()}; }

 private:
  Code code_;
  std::ostringstream stream_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  Result(Fail&& fail) : state_(std::in_place_index<1>, std::move(fail).Take()) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() { return Value(); }
  const T& operator*() const { return std::get<0>(state_); }
  T* operator->() { return &Value(); }
  const T* operator->() const { return &std::get<0>(state_); }
  const race::Error& error() const { return std::get<1>(state_); }

 private:
  T& Value() {
    assert(state_.index() == 0);
    return std::get<0>(state_);
  }
  std::variant<T, race::Error> state_;
};

// Success without a value.
struct Ok {};
using Status = Result<Ok>;

// RACE_TRY(expr): return expr's error, or go on.
// RACE_ASSIGN(var, expr): the same, and declares var with the value.
#define RACE_CONCAT2(a, b) a##b
#define RACE_CONCAT(a, b) RACE_CONCAT2(a, b)
#define RACE_TRY(expr)                                                       \
  do {                                                                       \
    if (auto race_status = (expr); !race_status) return race_status.error(); \
  } while (0)
#define RACE_ASSIGN(var, expr)                                                                  \
  auto RACE_CONCAT(race_result_, __LINE__) = (expr);                                            \
  if (!RACE_CONCAT(race_result_, __LINE__)) return RACE_CONCAT(race_result_, __LINE__).error(); \
  auto var = std::move(*RACE_CONCAT(race_result_, __LINE__))

}  // namespace race
