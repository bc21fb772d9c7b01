// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/checking_core.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstdlib>

#include "steg/btf_reader.h"

extern "C" {
void* race_alloc(size_t size) { return calloc(1, size); }
void race_free(const void* memory) { free(const_cast<void*>(memory)); }
bool race_pause(void) { return false; }
void race_sha256(const u8* data, size_t size, u8 digest[32]) { SHA256(data, size, digest); }
}

namespace race::resolve {

Result<std::unique_ptr<CoreTypes>> CoreTypes::Open(
    const kernel::Target& target, const std::optional<std::set<std::string>>& listed) {
  std::unique_ptr<CoreTypes> core(new CoreTypes);
  const std::string_view bytes = steg::BtfBytes(target.types);
  if (bytes.empty())
    return Fail(Code::kNoBtf) << target.origin << ": its types do not come from BTF, in which "
                              << "race.ko could find them again";
  core->text_.resize(RACE_TEXT_MAX);
  if (race_btf_open(&core->kernel_, bytes.data(), bytes.size(), nullptr, &core->budget_) != 0)
    return Fail(Code::kFacts) << target.origin << ": the checking core cannot read its BTF";
  // No more than race.ko does.
  core->budget_.left = RACE_MAX_INDEXING;
  core->modules_.reserve(target.added_modules.size());
  for (const kernel::AddedModule& module : target.added_modules) {
    if (listed && !listed->contains(module.name)) continue;
    const size_t i = core->modules_.size();
    core->modules_.emplace_back();
    core->names_.push_back(module.name);
    if (!module.btf) continue;
    if (race_btf_open(&core->modules_[i], module.btf->data(), module.btf->size(), &core->kernel_,
                      &core->budget_) != 0)
      return Fail(Code::kFacts) << target.origin << ": the checking core cannot read the BTF of "
                                << "module " << module.name;
  }
  core->budget_.left = ~uint64_t{0};
  core->types_ = {&core->kernel_, core->modules_.data(),
                  static_cast<uint32_t>(core->modules_.size()), core->text_.data()};
  return core;
}

CoreTypes::~CoreTypes() {
  race_btf_close(&kernel_);
  for (race_btf& module : modules_) race_btf_close(&module);
}

uint32_t CoreTypes::ModuleNumber(const std::string& name) const {
  auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? 0 : static_cast<uint32_t>(found - names_.begin()) + 1;
}

std::vector<std::string> CheckFacts(const race_facts& facts, const race_types& types) {
  std::vector<std::string> lines;
  types.kernel->budget->left = RACE_MAX_CHECKING;
  const int wrong = race_facts_check(
      &facts, &types,
      [](void* context, const race_facts* all, const race_fact* fact, const race_found* found) {
        char line[RACE_LINE_MAX];
        race_fact_describe(all, fact, found, line, sizeof line);
        static_cast<std::vector<std::string>*>(context)->push_back(line);
      },
      &lines);
  if (wrong == -EINVAL)
    lines.push_back("the types are not those of the section's modules");
  else if (wrong < 0)
    lines.push_back("the facts take more work than race.ko does");
  return lines;
}

}  // namespace race::resolve
