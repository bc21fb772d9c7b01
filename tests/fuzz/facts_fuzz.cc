// SPDX-License-Identifier: GPL-2.0-only
//
// A contract section and BTF of any bytes, in race.ko's checking core: what a kernel
// would do with them.  Input: the length of the section (4 bytes), the section, the
// BTF.  The contract hash is filled in first: whoever writes such a file does so, too.
#include <cstdint>
#include <cstring>
#include <string>

#include "../unit/facts_sample.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uint32_t length = 0;
  if (size < sizeof length) return 0;
  memcpy(&length, data, sizeof length);
  std::string rest(reinterpret_cast<const char*>(data) + sizeof length, size - sizeof length);
  if (length > rest.size()) length = rest.size();
  const std::string section = race::FactsSample::Sealed(rest.substr(0, length));
  race::OpenBtf btf(rest.substr(length));
  race_facts facts;
  if (race_facts_open(&facts, section.data(), section.size()) != RACE_WHOLE || btf.error != 0)
    return 0;
  std::string text(RACE_TEXT_MAX, '\0');
  // Modules of which no BTF is to be had.
  std::vector<race_btf> modules(facts.header->modules.count);
  race_types types{&btf.btf, modules.data(), static_cast<uint32_t>(modules.size()), text.data()};
  for (const race_fact* fact = facts.facts; fact != race_facts_end(&facts); fact++) {
    char line[RACE_LINE_MAX];
    race_fact_promise(&facts, fact, line, sizeof line);
  }
  race::resolve::CheckFacts(facts, types);
  return 0;
}
