// SPDX-License-Identifier: GPL-2.0-only
//
// The text form and the comparison.
#include <gtest/gtest.h>

#include <sstream>

#include "steg/comparison.h"
#include "steg/text_writer.h"
#include "steg_graph_builder.h"

namespace race::steg {
namespace {

using B = Builder;

std::string Text(const Graph& graph, const std::vector<std::string>& roots = {}) {
  std::ostringstream out;
  WriteText(graph, roots, out);
  return out.str();
}

std::string Diff(const Graph& a, const Graph& b, const std::vector<std::string>& roots = {}) {
  std::ostringstream out;
  WriteDifferences(Compare(a, b, roots), out);
  return out.str();
}

TEST(StegText, ShowsMembersOfUnnamedAggregatesUnderTheirPath) {
  B b;
  NodeId word = b.Int("int", 4, STEG_INT_SIGNED);
  NodeId inner = b.Aggregate(STEG_UNION, "", 4, {B::At(0, "x", word), B::At(0, "y", word)});
  Edge bits = B::At(12, "flag", word);
  bits.bits = 3;
  b.Struct("s", 16, {B::At(0, "", inner), B::At(8, "named", inner), bits});
  EXPECT_EQ(Text(b.graph),
            "struct s: size 16\n"
            "\t0\tx\tint\n"
            "\t0\ty\tint\n"
            "\t8\tnamed\tunion (unnamed)\n"
            "\t8\tnamed.x\tint\n"
            "\t8\tnamed.y\tint\n"
            "\t12:0+3\tflag\tint\n");
}

TEST(StegText, DoesNotDependOnTheOrderOfNodes) {
  auto fill = [](B& b, bool reversed) {
    NodeId word = b.Int("int", 4, STEG_INT_SIGNED);
    for (int i = 0; i < 4; i++) {
      int k = reversed ? 3 - i : i;
      std::string name = "s" + std::to_string(k / 2);
      b.Struct(name.c_str(), 4 + k, {B::At(k, "x", word)});
    }
    b.To(STEG_FUNC, b.Proto(word, {}), "f");
  };
  B a, b;
  fill(a, false);
  fill(b, true);
  EXPECT_EQ(Text(a.graph), Text(b.graph));
  EXPECT_EQ(Diff(a.graph, b.graph), "");
  EXPECT_EQ(Text(a.graph, {"f"}), "func f: int f(void)\n");
}

TEST(StegComparison, TellsWhatMovedChangedCameAndWent) {
  B a, b;
  NodeId a32 = a.Int("int", 4, STEG_INT_SIGNED), b32 = b.Int("int", 4, STEG_INT_SIGNED);
  NodeId b64 = b.Int("long", 8, STEG_INT_SIGNED);
  a.Struct("file", 24, {B::At(0, "x", a32), B::At(4, "y", a32), B::At(8, "z", a32)});
  b.Struct("file", 32, {B::At(0, "x", b64), B::At(8, "y", b32), B::At(16, "w", b32)});
  a.Struct("gone", 4, {});
  b.Struct("new", 8, {});
  a.Struct("same", 4, {B::At(0, "x", a32)});
  b.Struct("same", 4, {B::At(0, "x", b32)});
  a.Enum("e", 4, {{"ONE", 1}});
  b.Enum("e", 4, {{"ONE", 2}});
  a.To(STEG_FUNC, a.Proto(a32, {a32}), "f");
  b.To(STEG_FUNC, b.Proto(b32, {b64}), "f");
  EXPECT_EQ(Diff(a.graph, b.graph),
            "~ enum e\n"
            "    ~ ONE: 1 -> 2\n"
            "~ func f\n"
            "    ~ int f(int) -> int f(long)\n"
            "~ struct file\n"
            "    ~ size 24 -> size 32\n"
            "    ~ x type: int -> long\n"
            "    ~ y moved: 4 -> 8\n"
            "    - z (at 8, int)\n"
            "    + w (at 16, int)\n"
            "- struct gone: size 4\n"
            "+ struct new: size 8\n");
  EXPECT_EQ(Diff(a.graph, b.graph, {"struct new"}), "+ struct new: size 8\n");
  EXPECT_EQ(Diff(a.graph, b.graph, {"struct same"}), "");
  EXPECT_EQ(Diff(a.graph, a.graph), "");
}

TEST(StegComparison, PairsOffEqualTypesOfOneName) {
  B a, b;
  a.Struct("dup", 8, {});
  a.Struct("dup", 16, {});
  b.Struct("dup", 16, {});
  b.Struct("dup", 24, {});
  EXPECT_EQ(Diff(a.graph, b.graph), "~ struct dup\n    ~ size 8 -> size 24\n");
}

}  // namespace
}  // namespace race::steg
