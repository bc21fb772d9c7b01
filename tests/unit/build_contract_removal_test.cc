// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/contract_removal.h"

namespace race::build {
namespace {

using rcrate::Contract;
using rcrate::ContractId;
using rcrate::ExprId;

Contract Named(const char* root) {
  Contract contract;
  contract.kind = RACE_CONTRACT_SIZE;
  contract.root = root;
  return contract;
}

// Two sizes, of which each has an expression, a symbol and a room, and one that is
// guarded by the absence of a function behind it.
struct Sample {
  rcrate::Rcrate rcrate;
  ContractId a, b, guarded, lacks;
  ExprId size_a, size_b;

  Sample() {
    a = rcrate.Add(Named("struct a"));
    b = rcrate.Add(Named("struct b"));
    guarded = rcrate.Add(Named("struct guarded"));
    Contract absence = Named("function");
    absence.kind = RACE_CONTRACT_LACKS_FUNCTION;
    lacks = rcrate.Add(absence);
    rcrate.contracts[Index(guarded)].guard = lacks;
    rcrate.contracts[Index(b)].substitute = lacks;
    size_a = rcrate.Add(rcrate::Expr{8, {{1, a, 0}}});
    size_b = rcrate.Add(rcrate::Expr{0, {{1, b, 0}, {2, guarded, 8}}});
    rcrate.symbols = {{"race:expr:0", size_a}, {"race:expr:1", size_b}};
    rcrate.rooms = {{size_a, "f", 64}, {size_b, "g", 128}};
  }
};

TEST(ContractRemoval, TakesOutWhatSpeaksOfThemAndMovesTheRest) {
  Sample sample;
  RemoveContracts({sample.a}, &sample.rcrate);
  const rcrate::Rcrate& rcrate = sample.rcrate;
  ASSERT_EQ(rcrate.contracts.size(), 3u);
  EXPECT_EQ(rcrate.contracts[0].root, "struct b");
  EXPECT_EQ(rcrate.contracts[0].substitute, ContractId{2});
  EXPECT_EQ(rcrate.contracts[1].guard, ContractId{2});
  ASSERT_EQ(rcrate.exprs.size(), 2u) << "expressions keep their places";
  EXPECT_TRUE(rcrate.exprs[0].terms.empty());
  EXPECT_EQ(rcrate.exprs[1].terms[0].contract, ContractId{0});
  EXPECT_EQ(rcrate.exprs[1].terms[1].contract, ContractId{1});
  ASSERT_EQ(rcrate.symbols.size(), 1u);
  EXPECT_EQ(rcrate.symbols[0].name, "race:expr:1");
  EXPECT_EQ(rcrate.symbols[0].expr, sample.size_b);
  ASSERT_EQ(rcrate.rooms.size(), 1u);
  EXPECT_EQ(rcrate.rooms[0].source, "g");
}

TEST(ContractRemoval, LeavesWhatAStaticIsLaidOutBy) {
  Sample sample;
  const ExprId zero = sample.rcrate.Add(rcrate::Expr{});
  sample.rcrate.shapes = {{"shape", ".bss", 8, sample.size_a, {}}};
  sample.rcrate.shapes.push_back(
      {"other", ".data", 8, zero, {{zero, RACE_PIECE_VALUE, "", 8, sample.size_b}}});
  const rcrate::Rcrate before = sample.rcrate;
  RemoveContracts({sample.a, sample.b}, &sample.rcrate);
  EXPECT_EQ(sample.rcrate, before);
}

TEST(ContractRemoval, OfNothingChangesNothing) {
  Sample sample;
  const rcrate::Rcrate before = sample.rcrate;
  RemoveContracts({}, &sample.rcrate);
  EXPECT_EQ(sample.rcrate, before);
}

}  // namespace
}  // namespace race::build
