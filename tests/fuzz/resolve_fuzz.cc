// SPDX-License-Identifier: GPL-2.0-only
//
// A .rcrate of any bytes, read and resolved.  Checksums are filled in first: they
// are no protection from those who write such files.  What is made of one must be
// a file that the same reader reads; all else is for the sanitizers to find.
//
// To be run at the top of the tree: the targets are those of the relocation table,
// whose cases are the seeds (tests/fuzz_test.sh).
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "../relocation/sealing.h"
#include "../unit/relocation_table.h"
#include "rcrate/expression.h"
#include "rcrate/rcrate_file.h"
#include "resolve/pipeline.h"

namespace {

[[noreturn]] void Stop(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::abort();
}

// The one that the seed was made for; any, for a file that names none.
const race::kernel::Target& TargetFor(const race::rcrate::Rcrate& rcrate) {
  static const std::vector<std::string> names = race::relocation::TargetNames();
  if (names.empty()) Stop("no targets: run it at the top of the tree");
  const std::string wanted(rcrate.Manifest("target"));
  const bool known = std::find(names.begin(), names.end(), wanted) != names.end();
  auto target = race::relocation::TargetOf(known ? wanted : names.front());
  if (!target) Stop(target.error().Text());
  return **target;
}

// As `race inspect` does: to words.
size_t Describe(const race::rcrate::Rcrate& rcrate) {
  size_t length = 0;
  for (const race::rcrate::Contract& contract : rcrate.contracts)
    length += race::rcrate::Describe(contract).size();
  for (uint32_t i = 0; i < rcrate.exprs.size(); ++i)
    length += race::rcrate::Spell(rcrate, race::rcrate::ExprId{i}).size();
  return length;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  race::Seal(&bytes);
  auto file = race::rcrate::ParseRcrate(bytes, "fuzz.rcrate");
  if (!file) return 0;
  Describe(file->rcrate);
  auto module = race::resolve::Resolve(*file, TargetFor(file->rcrate), {}, nullptr);
  if (!module) return 0;
  auto read = race::elf::ReadObject(module->bytes, "fuzz.ko");
  if (!read) Stop("a module was made that cannot be read: " + read.error().Text());
  return 0;
}
