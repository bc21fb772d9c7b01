// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/facts.h"

#include <algorithm>
#include <cstring>
#include <map>

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
      if (fact->kind >= RACE_FACT_NO_FIELD) {
        fits = !found.exists;
        continue;
      }
      fits = found.exists && found.value == fact->value && found.bits == fact->bits;
      fact->text = found.text;
    }
    if (fits) return true;
  }
  return first->kind == RACE_FACT_NO_TYPE;
}

Fail NotConfirmed(const kernel::Target& target, const TargetFact& fact) {
  return Fail(Code::kFacts) << target.origin << ": the checking core of race.ko does not find "
                            << race_fact_name(fact.kind) << " " << fact.root
                            << (fact.path.empty() ? "" : ".") << fact.path
                            << " as the resolver did; this is an error in RACE";
}

Status SpellAll(const kernel::Target& target, const CoreTypes& core,
                std::vector<TargetFact>* facts) {
  for (auto fact = facts->begin(); fact != facts->end();) {
    auto end = fact + 1;
    if (fact->IsAboutFunction()) {
      const race_question question = QuestionOf(*fact, core);
      race_found found;
      race_find_function(&question, &core.get(), &found);
      if (!found.exists) return NotConfirmed(target, *fact);
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
    for (const TargetFact& fact : facts) {
      race_fact record{};
      record.kind = fact.kind;
      record.bits = fact.bits;
      record.root = String(fact.root);
      record.path = String(fact.path);
      record.text = String(fact.text);
      record.module = core.ModuleNumber(fact.module);
      record.source = String(fact.source);
      record.value = fact.value;
      Append(&records, record);
    }
    for (const std::string& module : core.modules()) Append(&modules, String(module));

    race_facts_header header{};
    memcpy(header.magic, RACE_FACTS_MAGIC, sizeof header.magic);
    header.version = RACE_FACTS_VERSION;
    header.hdr_len = sizeof header;
    std::string tables;
    header.facts = Place(&tables, records, facts.size());
    header.modules = Place(&tables, modules, core.modules().size());
    header.strings = Place(&tables, strings_, strings_.size());
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

  uint32_t String(const std::string& text) {
    auto [entry, is_new] = known_.try_emplace(text, strings_.size());
    if (is_new) strings_.append(text.c_str(), text.size() + 1);
    return entry->second;
  }

  std::string strings_ = std::string(1, '\0');
  std::map<std::string, uint32_t> known_ = {{"", 0}};
};

}  // namespace

Result<std::string> MakeFactsSection(const rcrate::RcrateFile& file, const kernel::Target& target,
                                     const Resolution& resolution) {
  const kernel::Target& bound = resolution.with_modules ? *resolution.with_modules : target;
  RACE_ASSIGN(core, CoreTypes::Open(bound));
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
