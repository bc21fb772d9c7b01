// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/sdk_like.h"

namespace race::build {
namespace {

steg::Node Struct(const std::string& name, uint64_t size, std::vector<steg::Edge> members) {
  steg::Node node;
  node.kind = STEG_STRUCT;
  node.name = name;
  node.size = size;
  node.edges = std::move(members);
  return node;
}

// `place` in bytes; `bits`: the width of a bit field.
steg::Edge Member(const std::string& name, uint64_t place, uint32_t bits = 0) {
  steg::Edge edge;
  edge.kind = STEG_EDGE_MEMBER;
  edge.name = name;
  edge.value = place * 8;
  edge.bits = bits;
  return edge;
}

TEST(SdkLike, HasThePlacesOfFieldsByTheBindingsNames) {
  steg::Graph kernel;
  kernel.Add(Struct("thing", 40, {Member("type", 8), Member("flag", 16, 1), Member("", 24)}));
  const Bindings bindings = ParseBindings(
      "#[repr(C)]\npub struct thing {\n    pub type_: u32,\n}\n"
      "#[repr(C)]\npub struct missing {\n    pub a: u32,\n}\n");
  const KernelLayouts layouts = LayoutsOfKernel(bindings, kernel);
  ASSERT_EQ(layouts.size(), 1u);
  const KnownLayout& thing = layouts.at("thing");
  EXPECT_EQ(thing.size, 40u);
  EXPECT_EQ(thing.offsets.at("type_"), 8u);
  EXPECT_EQ(thing.offsets.count("flag"), 0u);
  EXPECT_EQ(thing.offsets.count(""), 0u);
}

TEST(SdkLike, KnowsNothingOfATypeWithTwoLayouts) {
  steg::Graph kernel;
  kernel.Add(Struct("thing", 40, {Member("a", 8)}));
  kernel.Add(Struct("thing", 48, {Member("a", 16)}));
  const Bindings bindings = ParseBindings("#[repr(C)]\npub struct thing {\n    pub a: u32,\n}\n");
  EXPECT_TRUE(LayoutsOfKernel(bindings, kernel).empty());
}

}  // namespace
}  // namespace race::build
