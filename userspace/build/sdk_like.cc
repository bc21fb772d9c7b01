// SPDX-License-Identifier: GPL-2.0-only
#include "build/sdk_like.h"

#include <string>

namespace race::build {
namespace {

constexpr uint64_t kBits = 8;  // in a byte

KnownLayout LayoutOf(const Aggregate& aggregate, const steg::Node& node) {
  KnownLayout known;
  known.size = node.size;
  for (const steg::Edge& edge : node.edges)
    if (edge.kind == STEG_EDGE_MEMBER && edge.bits == 0 && !edge.name.empty())
      known.offsets.emplace(edge.name, edge.value / kBits);
  // bindgen's name of a field that is a word of Rust's.
  for (const Field& field : aggregate.fields)
    if (field.name.ends_with('_'))
      if (auto found = known.offsets.find(field.name.substr(0, field.name.size() - 1));
          found != known.offsets.end())
        known.offsets.emplace(field.name, found->second);
  return known;
}

}  // namespace

KernelLayouts LayoutsOfKernel(const Bindings& bindings, const steg::Graph& kernel) {
  KernelLayouts layouts;
  for (const Aggregate& aggregate : bindings.aggregates) {
    std::vector<steg::NodeId> found =
        steg::FindRoot(kernel, (aggregate.is_union ? "union " : "struct ") + aggregate.name);
    if (found.empty()) found = steg::FindRoot(kernel, aggregate.name);
    if (found.size() != 1) continue;
    const steg::Node& node = kernel[found[0]];
    if (node.kind != (aggregate.is_union ? STEG_UNION : STEG_STRUCT)) continue;
    layouts.emplace(aggregate.name, LayoutOf(aggregate, node));
  }
  return layouts;
}

}  // namespace race::build
