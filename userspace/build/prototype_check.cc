// SPDX-License-Identifier: GPL-2.0-only
#include "build/prototype_check.h"

namespace race::build {
namespace {

bool Agree(const llvm::Type& have, const steg::Graph& types, steg::NodeId want) {
  const steg::NodeId plain = steg::SkipQualifiers(types, want);
  if (have.isVoidTy()) return plain == steg::NodeId::kVoid;
  const bool is_pointer = plain != steg::NodeId::kVoid && types[plain].kind == STEG_POINTER;
  if (have.isPointerTy()) return is_pointer;
  if (is_pointer || !have.isIntegerTy() || plain == steg::NodeId::kVoid) return false;
  const steg_node_kind kind = types.KindOf(plain);
  // A bool is one bit wide for LLVM.
  return (kind == STEG_INT || kind == STEG_ENUM) &&
         (have.getIntegerBitWidth() + 7) / 8 == steg::SizeOf(types, plain);
}

}  // namespace

bool CallsAs(const llvm::FunctionType& type, const steg::Graph& types, steg::NodeId prototype) {
  const steg::Node& node = types[prototype];
  if (type.isVarArg() != ((node.flags & STEG_VARIADIC) != 0)) return false;
  unsigned next = 0;
  bool agree = node.kind == STEG_PROTO;
  for (const steg::Edge& edge : node.edges) {
    if (edge.kind == STEG_EDGE_RETURN)
      agree = agree && Agree(*type.getReturnType(), types, edge.target);
    if (edge.kind != STEG_EDGE_PARAM) continue;
    agree =
        agree && next < type.getNumParams() && Agree(*type.getParamType(next), types, edge.target);
    next++;
  }
  return agree && next == type.getNumParams();
}

bool MayCallAs(const llvm::FunctionType& type, const steg::Graph& types, steg::NodeId prototype) {
  for (const steg::Edge& edge : types[prototype].edges) {
    const steg::NodeId plain = steg::SkipQualifiers(types, edge.target);
    if (plain == steg::NodeId::kVoid) continue;
    const steg_node_kind kind = types.KindOf(plain);
    if (kind != STEG_POINTER && kind != STEG_INT && kind != STEG_ENUM) return true;
    // In two registers.
    if (steg::SizeOf(types, plain) > 8) return true;
  }
  return CallsAs(type, types, prototype);
}

}  // namespace race::build
