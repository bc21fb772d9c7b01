// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/portable_contracts.h"
#include "steg_graph_builder.h"

namespace race::build {
namespace {

using rcrate::Contract;

kernel::Target Base() {
  steg::Builder b;
  const steg::NodeId number = b.Int("int", 4);
  const steg::NodeId key = b.Declared("lock_class_key");
  b.Struct("plain", 8, {b.At(4, "mode", number)});
  b.Struct("locked", 16, {b.At(0, "mode", number), b.At(8, "key", b.Pointer(key))});
  b.Enum("state", 4, {{"COMING", 1}});
  b.graph.Add(
      {STEG_FUNC, 0, "put", 0, 0, {{STEG_EDGE_TARGET, 0, "", b.Proto(number, {number}), 0, 0}}});
  kernel::Target target;
  target.origin = "base";
  target.types = std::move(b.graph);
  for (const char* name : {"put", "memcpy", "root"}) target.exports[name] = {};
  return target;
}

TEST(PortableContracts, AreMadeOfLayoutSymbols) {
  const kernel::Target base = Base();
  PortableContracts contracts(base);
  for (const char* symbol : {"race:off:plain.mode", "race:size:plain", "race:enum:COMING"})
    ASSERT_TRUE(contracts.AddLayout(symbol)) << symbol;
  const auto& made = contracts.rcrate().contracts;
  ASSERT_EQ(made.size(), 3u);
  EXPECT_EQ(made[0].kind, RACE_CONTRACT_FIELD);
  EXPECT_EQ(made[0].root + "." + made[0].path, "struct plain.mode");
  EXPECT_EQ(made[0].base_value, 4u);
  EXPECT_EQ(steg::Spell(contracts.graph(), steg::NodeId{made[0].type}), "int");
  EXPECT_EQ(made[1].kind, RACE_CONTRACT_SIZE);
  EXPECT_EQ(made[1].base_value, 8u);
  EXPECT_EQ(made[2].kind, RACE_CONTRACT_ENUMERATOR);
  EXPECT_EQ(made[2].base_value, 1u);
  EXPECT_EQ(contracts.rcrate().symbols[2].name, "race:enum:COMING");
}

TEST(PortableContracts, RefuseWhatTheBaseLacks) {
  const kernel::Target base = Base();
  PortableContracts contracts(base);
  for (const char* symbol :
       {"race:off:plain.key", "race:off:nothing.mode", "race:off:plain", "race:size:nothing",
        "race:enum:GOING", "race:exists:plain.mode", "race:mode", "race:"}) {
    const Status status = contracts.AddLayout(symbol);
    ASSERT_FALSE(status) << symbol;
    EXPECT_EQ(status.error().code, Code::kBuildInput) << symbol;
  }
  EXPECT_FALSE(contracts.AddImport("nothing", false));
  EXPECT_TRUE(contracts.rcrate().contracts.empty());
}

TEST(PortableContracts, GuardAFieldThatTheBaseLacks) {
  const kernel::Target base = Base();
  PortableContracts contracts(base);
  contracts.Guard("plain.key", "lock_class_key");
  ASSERT_TRUE(contracts.AddLayout("race:off:plain.key"));
  ASSERT_TRUE(contracts.AddLayout("race:exists:plain.key"));
  const rcrate::Rcrate& rcrate = contracts.rcrate();
  ASSERT_EQ(rcrate.contracts.size(), 2u);  // one question for both symbols
  const Contract& exists = rcrate.contracts[0];
  EXPECT_EQ(exists.kind, RACE_CONTRACT_EXISTS_FIELD);
  EXPECT_EQ(exists.root + "." + exists.path, "struct plain.key");
  EXPECT_EQ(exists.type, RACE_NO_TYPE);
  EXPECT_EQ(exists.base_value, 0u);
  const Contract& field = rcrate.contracts[1];
  EXPECT_EQ(field.kind, RACE_CONTRACT_FIELD);
  EXPECT_EQ(field.guard, rcrate::ContractId{0});
  EXPECT_EQ(steg::Spell(contracts.graph(), steg::NodeId{field.type}), "struct lock_class_key *");
  const auto contract_of = [&](size_t symbol) {
    return rcrate.exprs[rcrate::Index(rcrate.symbols[symbol].expr)].terms[0].contract;
  };
  EXPECT_EQ(contract_of(0), rcrate::ContractId{1});
  EXPECT_EQ(contract_of(1), rcrate::ContractId{0});
}

TEST(PortableContracts, GuardAFieldThatTheBaseHas) {
  const kernel::Target base = Base();
  PortableContracts contracts(base);
  contracts.Guard("locked.key", "lock_class_key");
  ASSERT_TRUE(contracts.AddLayout("race:off:locked.key"));
  const auto& made = contracts.rcrate().contracts;
  EXPECT_EQ(made[0].base_value, 1u);
  EXPECT_EQ(made[1].base_value, 8u);
}

TEST(PortableContracts, OfImportsSayTheirTypesUnlessOnlyTheNameCounts) {
  const kernel::Target base = Base();
  PortableContracts contracts(base);
  ASSERT_TRUE(contracts.AddImport("put", false));
  ASSERT_TRUE(contracts.AddImport("put", true));
  ASSERT_TRUE(contracts.AddImport("memcpy", false));
  ASSERT_TRUE(contracts.AddImport("root", false));
  const auto& made = contracts.rcrate().contracts;
  EXPECT_NE(made[0].type, RACE_NO_TYPE);
  EXPECT_EQ(made[1].type, RACE_NO_TYPE);
  EXPECT_EQ(made[2].type, RACE_NO_TYPE);
  EXPECT_EQ(made[2].kind, RACE_CONTRACT_FUNCTION);
  EXPECT_EQ(made[3].kind, RACE_CONTRACT_VARIABLE);
}

}  // namespace
}  // namespace race::build
