// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>
#include <llvm/IR/LLVMContext.h>

#include "build/prototype_check.h"
#include "steg_graph_builder.h"

namespace race::build {
namespace {

struct PrototypeCheck : testing::Test {
  steg::Builder build;
  const steg::NodeId type_int = build.Int("int", 4, STEG_INT_SIGNED);
  const steg::NodeId type_bool = build.Int("_Bool", 1, STEG_INT_BOOL);
  const steg::NodeId size = build.Typedef("size_t", build.Int("unsigned long", 8));
  const steg::NodeId driver = build.Pointer(build.Declared("driver"));
  llvm::LLVMContext context;
  llvm::Type* nothing = llvm::Type::getVoidTy(context);
  llvm::Type* pointer = llvm::PointerType::getUnqual(context);
  llvm::Type* bit = llvm::Type::getInt1Ty(context);
  llvm::Type* i32 = llvm::Type::getInt32Ty(context);
  llvm::Type* i64 = llvm::Type::getInt64Ty(context);

  bool Agree(llvm::Type* result, const std::vector<llvm::Type*>& params, steg::NodeId proto) {
    return CallsAs(*llvm::FunctionType::get(result, params, false), build.graph, proto);
  }
};

TEST_F(PrototypeCheck, TakesPointersAndIntegersOfTheirSize) {
  EXPECT_TRUE(Agree(i32, {pointer, i64}, build.Proto(type_int, {driver, size})));
  EXPECT_TRUE(Agree(nothing, {}, build.Proto(steg::NodeId::kVoid, {})));
  EXPECT_TRUE(Agree(bit, {bit}, build.Proto(type_bool, {type_bool})));
  EXPECT_TRUE(Agree(pointer, {}, build.Proto(driver, {})));
}

TEST_F(PrototypeCheck, RefusesAnotherNumberOfParameters) {
  const steg::NodeId two = build.Proto(type_int, {driver, driver});
  EXPECT_FALSE(Agree(i32, {pointer}, two));
  EXPECT_FALSE(Agree(i32, {pointer, pointer, pointer}, two));
  EXPECT_FALSE(
      Agree(i32, {pointer, pointer}, build.Proto(type_int, {driver, driver}, STEG_VARIADIC)));
}

TEST_F(PrototypeCheck, RefusesAnotherKindOrSize) {
  const steg::NodeId proto = build.Proto(type_int, {driver, size});
  EXPECT_FALSE(Agree(i32, {i64, i64}, proto));
  EXPECT_FALSE(Agree(i32, {pointer, i32}, proto));
  EXPECT_FALSE(Agree(i32, {pointer, pointer}, proto));
  EXPECT_FALSE(Agree(i64, {pointer, i64}, proto));
  EXPECT_FALSE(Agree(nothing, {pointer, i64}, proto));
  EXPECT_FALSE(Agree(i32, {}, build.Proto(steg::NodeId::kVoid, {})));
}

TEST_F(PrototypeCheck, RefusesStructsByValueAndWhatIsNoPrototype) {
  const steg::NodeId pair = build.Struct("pair", 8, {});
  EXPECT_FALSE(Agree(nothing, {i64}, build.Proto(steg::NodeId::kVoid, {pair})));
  EXPECT_FALSE(Agree(nothing, {}, pair));
}

}  // namespace
}  // namespace race::build
