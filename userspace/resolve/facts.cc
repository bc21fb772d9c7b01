// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/facts.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "kernel/modules.h"
#include "resolve/checking_core.h"
#include "resolve/fact_list.h"
#include "steg/binary.h"

namespace race::resolve {
namespace {

race_question QuestionOf(const TargetFact& fact, const CoreTypes& core) {
  return {fact.kind, core.ModuleNumber(fact.module), fact.value, fact.root.c_str(),
          fact.path.c_str()};
}

// Fills in how BTF spells the types of facts [first, end), which are about one type,
// from the candidate that has all their numbers.  False: the core knows none.
bool Spell(const CoreTypes& core, std::vector<TargetFact>::iterator first,
           std::vector<TargetFact>::iterator end) {
  race_candidate at{};
  race_type candidate;
  while (race_next_candidate(&core.get(), first->root.c_str(), &at, &candidate)) {
    bool fits = true;
    for (auto fact = first; fact != end && fits; ++fact) {
      const race_question question = QuestionOf(*fact, core);
      race_found found;
      race_find_fact(&question, &core.get(), &candidate, &found);
      if (race_is_absence(fact->kind)) {
        fits = !found.exists && !found.unknown;
        continue;
      }
      fits =
          !found.unknown && found.exists && found.value == fact->value && found.bits == fact->bits;
      fact->text = found.text;
    }
    if (fits) return true;
  }
  return first->kind == RACE_FACT_NO_TYPE;
}

// The modules that the kernel holds for one that imports these symbols: those that export
// them, and what these depend on.
std::set<std::string> ModulesHeld(const kernel::Target& target,
                                  const std::set<std::string>& imports) {
  std::set<std::string> held;
  std::vector<std::string> open;
  for (const std::string& symbol : imports)
    if (auto found = target.exports.find(symbol); found != target.exports.end())
      if (!found->second.module.empty()) open.push_back(found->second.module);
  while (!open.empty()) {
    std::string module = std::move(open.back());
    open.pop_back();
    if (!held.insert(module).second || !target.modules) continue;
    auto depends = target.modules->Depends(module);
    if (depends) open.insert(open.end(), depends->begin(), depends->end());
  }
  return held;
}

Fail NotConfirmed(const kernel::Target& target, const TargetFact& fact) {
  return Fail(Code::kFacts) << target.origin << ": the checking core of race.ko does not find "
                            << race_fact_name(fact.kind) << " " << fact.root
                            << (fact.path.empty() ? "" : ".") << fact.path
                            << " as the resolver did; either it is in a module from which the "
                            << "finished one imports nothing, or this is an error in RACE";
}

Status SpellAll(const kernel::Target& target, const CoreTypes& core,
                std::vector<TargetFact>* facts) {
  for (auto fact = facts->begin(); fact != facts->end();) {
    auto end = fact + 1;
    if (fact->IsAboutFunction()) {
      const race_question question = QuestionOf(*fact, core);
      race_found found;
      race_find_function(&question, &core.get(), &found);
      if (!found.exists || found.unknown) return NotConfirmed(target, *fact);
      fact->text = found.text;
    } else if (!fact->root.empty()) {
      while (end != facts->end() && end->root == fact->root && !end->IsAboutFunction()) ++end;
      if (!Spell(core, fact, end)) return NotConfirmed(target, *fact);
    }
    fact = end;
  }
  return Ok{};
}

class SectionWriter {
 public:
  std::string Write(const std::vector<TargetFact>& facts, const CoreTypes& core,
                    const std::string& steg) {
    std::string records, modules;
    for (const TargetFact& fact : facts)
      for (const std::string& text : {fact.root, fact.path, fact.text, Source(fact)})
        strings_.emplace(text, 0);
    for (const std::string& module : core.modules()) strings_.emplace(module, 0);
    std::string table;
    for (auto& [text, at] : strings_) {
      at = table.size();
      table.append(text.c_str(), text.size() + 1);
    }
    for (const TargetFact& fact : facts) {
      race_fact record{};
      record.kind = fact.kind;
      record.bits = fact.bits;
      record.root = String(fact.root);
      record.path = String(fact.path);
      record.text = String(fact.text);
      record.module = core.ModuleNumber(fact.module);
      record.source = String(Source(fact));
      record.value = fact.value;
      Append(&records, record);
    }
    for (size_t i = 0; i < core.modules().size(); i++) {
      const bool typed = core.get().modules[i].end_id != 0;
      Append(&modules, race_facts_module{String(core.modules()[i]), typed ? RACE_MODULE_TYPED : 0});
    }

    race_facts_header header{};
    memcpy(header.magic, RACE_FACTS_MAGIC, sizeof header.magic);
    header.version = RACE_FACTS_VERSION;
    header.hdr_len = sizeof header;
    std::string tables;
    header.facts = Place(&tables, records, facts.size());
    header.modules = Place(&tables, modules, core.modules().size());
    header.strings = Place(&tables, table, table.size());
    header.steg = Place(&tables, steg, steg.size());
    header.size = sizeof header + tables.size();
    std::string bytes;
    Append(&bytes, header);
    bytes += tables;
    const size_t hashed = offsetof(race_facts_header, version);
    race_sha256(reinterpret_cast<const u8*>(bytes.data()) + hashed, bytes.size() - hashed,
                reinterpret_cast<u8*>(bytes.data()) + offsetof(race_facts_header, digest));
    return bytes;
  }

 private:
  template <typename T>
  static void Append(std::string* bytes, const T& value) {
    bytes->append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  static race_table Place(std::string* tables, const std::string& bytes, size_t count) {
    tables->resize((tables->size() + 7) / 8 * 8);
    race_table table{static_cast<uint32_t>(tables->size()), static_cast<uint32_t>(count)};
    *tables += bytes;
    return table;
  }

  // The file's name may be in any script; the kernel's log takes printable ASCII only.
  static std::string Source(const TargetFact& fact) {
    std::string source = fact.source;
    for (char& byte : source)
      if (byte < ' ' || byte > '~') byte = '?';
    return source;
  }

  uint32_t String(const std::string& text) const { return strings_.at(text); }

  // In the order of the format, which is that of strcmp().
  std::map<std::string, uint32_t> strings_ = {{"", 0}};
};

}  // namespace

Result<std::string> MakeFactsSection(const rcrate::RcrateFile& file, const kernel::Target& target,
                                     const Resolution& resolution,
                                     const std::set<std::string>& imports) {
  const kernel::Target& bound = resolution.with_modules ? *resolution.with_modules : target;
  RACE_ASSIGN(core, CoreTypes::Open(bound, ModulesHeld(bound, imports)));
  std::vector<TargetFact> facts = ListFacts(file, bound, resolution);
  RACE_TRY(SpellAll(bound, *core, &facts));
  std::string bytes = SectionWriter().Write(facts, *core, steg::WriteBinary(file.types));

  // As race.ko will read it: what it would refuse is not written.
  race_facts section;
  const race_damage damage = race_facts_open(&section, bytes.data(), bytes.size());
  if (damage != RACE_WHOLE)
    return Fail(Code::kFacts) << file.path << ": its contract section would not be accepted: "
                              << race_damage_name(damage);
  const std::vector<std::string> wrong = CheckFacts(section, core->get());
  if (!wrong.empty())
    return Fail(Code::kFacts) << target.origin << ": the checking core of race.ko does not confirm "
                              << "what the resolver found; this is an error in RACE: " << wrong[0];
  return bytes;
}

}  // namespace race::resolve
