// SPDX-License-Identifier: GPL-2.0-only
//
// Contract sections and the BTF that they are about, for the checking core.
#pragma once

#include <bpf/btf.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "resolve/checking_core.h"

namespace race {

inline std::string BtfOf(const std::function<void(btf*)>& fill, const std::string& base = "") {
  btf* below = base.empty() ? nullptr : btf__new(base.data(), base.size());
  btf* object = below ? btf__new_empty_split(below) : btf__new_empty();
  fill(object);
  uint32_t size = 0;
  const void* data = btf__raw_data(object, &size);
  std::string bytes(static_cast<const char*>(data), size);
  btf__free(object);
  btf__free(below);
  return bytes;
}

// BTF as the core has it open.
struct OpenBtf {
  explicit OpenBtf(std::string data, const race_btf* base = nullptr) : bytes(std::move(data)) {
    error = race_btf_open(&btf, bytes.data(), bytes.size(), base, base ? base->budget : &budget);
  }
  ~OpenBtf() {
    if (error == 0) race_btf_close(&btf);
  }
  OpenBtf(const OpenBtf&) = delete;
  OpenBtf& operator=(const OpenBtf&) = delete;

  // 0: no type has that name.
  uint32_t Id(const std::string& name, uint32_t kind = 0) const {
    race_type type;
    uint32_t at = 0;
    while (race_btf_find(&btf, name.data(), name.size(), &at, &type))
      if (kind == 0 || type.kind == kind) return type.id;
    return 0;
  }
  std::string Spell(uint32_t id) const {
    char text[RACE_TEXT_MAX];
    return race_btf_spell(&btf, id, text, sizeof text) ? text : "?";
  }

  std::string bytes;
  mutable race_budget budget{1 << 26, 0, false, RACE_KNOWN};
  race_btf btf{};
  int error = 0;
};

// A contract section in the making.  Facts stand in the order in which they are added.
struct FactsSample {
  struct Fact {
    uint16_t kind;
    std::string root, path = {}, text = {};
    uint64_t value = 0;
    uint16_t bits = 0;
    uint32_t module = 0;
  };
  std::vector<Fact> facts;
  std::string source = "driver.rs:12";
  std::vector<std::string> modules;
  uint32_t module_flags = RACE_MODULE_TYPED;
  std::string steg = "a graph";
  race_facts_header header{};
  std::string strings;

  uint32_t String(const std::string& text) const { return known_.at(text); }

  std::string Bytes() {
    std::string records, names, tables;
    auto append = [](std::string* to, const auto& value) {
      to->append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    known_ = {{"", 0}, {source, 0}};
    for (const Fact& fact : facts)
      for (const std::string& text : {fact.root, fact.path, fact.text}) known_.emplace(text, 0);
    for (const std::string& module : modules) known_.emplace(module, 0);
    strings.clear();
    for (auto& [text, at] : known_) {
      at = strings.size();
      strings.append(text.c_str(), text.size() + 1);
    }
    for (const Fact& fact : facts) {
      race_fact record{};
      record.kind = fact.kind;
      record.bits = fact.bits;
      record.root = String(fact.root);
      record.path = String(fact.path);
      record.text = String(fact.text);
      record.module = fact.module;
      record.source = String(source);
      record.value = fact.value;
      append(&records, record);
    }
    for (const std::string& module : modules)
      append(&names, race_facts_module{String(module), module_flags});
    auto place = [&tables](const std::string& bytes, uint32_t count) {
      tables.resize((tables.size() + 7) / 8 * 8);
      race_table table{static_cast<uint32_t>(tables.size()), count};
      tables += bytes;
      return table;
    };
    memcpy(header.magic, RACE_FACTS_MAGIC, sizeof header.magic);
    header.version = RACE_FACTS_VERSION;
    header.hdr_len = sizeof header;
    header.facts = place(records, facts.size());
    header.modules = place(names, modules.size());
    header.strings = place(strings, strings.size());
    header.steg = place(steg, steg.size());
    header.size = sizeof header + tables.size();
    std::string bytes;
    append(&bytes, header);
    return Sealed(bytes + tables);
  }

  // With the contract hash that its bytes have.
  static std::string Sealed(std::string bytes) {
    const size_t from = offsetof(race_facts_header, version);
    auto* data = reinterpret_cast<unsigned char*>(bytes.data());
    if (bytes.size() > from)
      SHA256(data + from, bytes.size() - from, data + offsetof(race_facts_header, digest));
    return bytes;
  }

 private:
  std::map<std::string, uint32_t> known_;
};

}  // namespace race
