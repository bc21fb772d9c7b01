// SPDX-License-Identifier: GPL-2.0-only
//
// A contract section and BTF of any bytes, in race.ko's checking core: what a kernel
// would do with them.  Input: the length of the section (4 bytes), the section, the
// length of the kernel's BTF (4 bytes), that BTF, and the BTF of the first module.  The contract
// hash is filled in first: whoever writes such a file does so, too.
#include <cstdint>
#include <cstring>
#include <string>

#include "../unit/facts_sample.h"

namespace {

// Bytes whose length stands before them.
std::string Take(std::string* rest) {
  uint32_t length = 0;
  if (rest->size() < sizeof length) return "";
  memcpy(&length, rest->data(), sizeof length);
  std::string taken = rest->substr(sizeof length, length);
  rest->erase(0, sizeof length + taken.size());
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string rest(reinterpret_cast<const char*>(data), size);
  const std::string section = race::FactsSample::Sealed(Take(&rest));
  race::OpenBtf btf(Take(&rest));
  race_facts facts;
  if (race_facts_open(&facts, section.data(), section.size()) != RACE_WHOLE || btf.error != 0)
    return 0;
  std::string text(RACE_TEXT_MAX, '\0');
  // Of the others no BTF is to be had.
  std::vector<race_btf> modules(facts.header->modules.count);
  race::OpenBtf module(rest, &btf.btf);
  if (!modules.empty() && module.error == 0) modules[0] = module.btf;
  race_types types{&btf.btf, modules.data(), static_cast<uint32_t>(modules.size()), text.data()};
  for (const race_fact* fact = facts.facts; fact != race_facts_end(&facts); fact++) {
    char line[RACE_LINE_MAX];
    race_fact_promise(&facts, fact, line, sizeof line);
  }
  race::resolve::CheckFacts(facts, types);
  return 0;
}
