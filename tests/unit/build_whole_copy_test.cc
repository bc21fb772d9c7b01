// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include "build/whole_copy.h"
#include "build_ir.h"

namespace race::build {
namespace {

constexpr const char* kHead = R"(
target datalayout = "e-m:e-i64:64-n8:16:32:64-S128"
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
)";

// Loads and stores one number of `type` at an offset of both structs.
std::string Moved(const std::string& type, int at, int number) {
  const std::string n = std::to_string(number), offset = std::to_string(at);
  return "  %f" + n + " = getelementptr inbounds i8, ptr %from, i64 " + offset + "\n  %v" + n +
         " = load " + type + ", ptr %f" + n + "\n  %t" + n +
         " = getelementptr inbounds i8, ptr %to, i64 " + offset + "\n  store " + type + " %v" + n +
         ", ptr %t" + n + "\n";
}

std::string Bytes(int at, int length, int number) {
  const std::string n = std::to_string(number), offset = std::to_string(at);
  return "  %f" + n + " = getelementptr inbounds i8, ptr %from, i64 " + offset + "\n  %t" + n +
         " = getelementptr inbounds i8, ptr %to, i64 " + offset +
         "\n  call void @llvm.memcpy.p0.p0.i64(ptr %t" + n + ", ptr %f" + n + ", i64 " +
         std::to_string(length) + ", i1 false)\n";
}

std::string Function(const std::string& body) {
  return std::string(kHead) + "define void @f(ptr %to, ptr %from, i64 %set) {\n" + body +
         "  ret void\n}\n";
}

size_t Count(const llvm::Module& module, unsigned opcode) {
  size_t count = 0;
  for (const llvm::Instruction& instruction : llvm::instructions(*module.getFunction("f")))
    count += instruction.getOpcode() == opcode;
  return count;
}

// The one that was made; marked beside it is at most the reference that it needs.
const llvm::MemCpyInst* WholeCopy(const llvm::Module& module) {
  const llvm::MemCpyInst* found = nullptr;
  for (const llvm::Instruction& instruction : llvm::instructions(*module.getFunction("f"))) {
    if (!IsWholeCopy(instruction) || llvm::isa<llvm::LoadInst>(instruction)) continue;
    EXPECT_EQ(found, nullptr);
    found = llvm::cast<llvm::MemCpyInst>(&instruction);
  }
  return found;
}

class WholeCopyTest : public testing::Test {
 protected:
  Modules modules_;
};

// struct { pad 24; a; pad 16; b; pad 40 }, with a set and b copied.
const std::string kFirst =
    Moved("float", 0, 0) + Moved("float", 4, 1) + Bytes(8, 8, 2) + Moved("double", 16, 3);
const std::string kSetA =
    "  %a = getelementptr inbounds i8, ptr %to, i64 24\n"
    "  store i64 %set, ptr %a\n";
const std::string kRest = Moved("double", 32, 4) + Moved("double", 40, 5) + Moved("i64", 48, 6) +
                          Moved("double", 56, 7) + Bytes(64, 24, 8) + Moved("double", 88, 9);

TEST_F(WholeCopyTest, TheWholeIsCopiedBeforeItsFields) {
  llvm::Module* module = modules_.Parse(Function(kFirst + kSetA + kRest));
  ASSERT_NE(module, nullptr);
  CopyWhole(module);
  const llvm::MemCpyInst* whole = WholeCopy(*module);
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(llvm::cast<llvm::ConstantInt>(whole->getLength())->getZExtValue(), 96u);
  EXPECT_EQ(whole->getRawDest(), module->getFunction("f")->getArg(0));
  EXPECT_EQ(whole->getRawSource(), module->getFunction("f")->getArg(1));
  // What is left of the rest are b's copy and a's store, both behind it.
  EXPECT_EQ(Count(*module, llvm::Instruction::Load), 1u);
  EXPECT_EQ(Count(*module, llvm::Instruction::Store), 2u);
  for (const llvm::Instruction* at = whole; at != nullptr; at = at->getPrevNode())
    EXPECT_FALSE(llvm::isa<llvm::StoreInst>(at));
}

TEST_F(WholeCopyTest, AStructWithinSomethingElse) {
  std::string body = Function(kFirst + kSetA + kRest);
  for (const char* side : {"%from", "%to"}) {
    const std::string from = std::string("ptr ") + side + ", i64 ";
    for (size_t at = 0; (at = body.find(from, at)) != std::string::npos;) {
      size_t start = at + from.size(), end = body.find_first_not_of("0123456789", start);
      at = start;
      if (start == end) continue;  // the parameters
      int offset = std::stoi(body.substr(start, end - start));
      body.replace(start, end - start, std::to_string(offset + (side[1] == 't' ? 160 : 8)));
    }
  }
  llvm::Module* module = modules_.Parse(body);
  ASSERT_NE(module, nullptr);
  CopyWhole(module);
  const llvm::MemCpyInst* whole = WholeCopy(*module);
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(llvm::cast<llvm::ConstantInt>(whole->getLength())->getZExtValue(), 96u);
  llvm::APInt offset(64, 0);
  whole->getRawDest()->stripAndAccumulateConstantOffsets(module->getDataLayout(), offset, true);
  EXPECT_EQ(offset.getZExtValue(), 160u);
}

// All fields are read before the first is written, arrays through slots.
TEST_F(WholeCopyTest, ReadFirstAndWrittenThen) {
  llvm::Module* module = modules_.Parse(std::string(kHead) + R"(
define void @f(ptr %to, i64 %set) {
  %from = alloca [40 x i8]
  %slot = alloca [16 x i8]
  call void @llvm.lifetime.start.p0(ptr %from)
  call void @llvm.lifetime.start.p0(ptr %slot)
  %a = load float, ptr %from
  %b4 = getelementptr inbounds i8, ptr %from, i64 4
  %b = load float, ptr %b4
  %c8 = getelementptr inbounds i8, ptr %from, i64 8
  call void @llvm.memcpy.p0.p0.i64(ptr %slot, ptr %c8, i64 16, i1 false)
  %d24 = getelementptr inbounds i8, ptr %from, i64 24
  %d = load double, ptr %d24
  %e32 = getelementptr inbounds i8, ptr %from, i64 32
  %e = load i64, ptr %e32
  store float %a, ptr %to
  %f4 = getelementptr inbounds i8, ptr %to, i64 4
  store float %b, ptr %f4
  %g8 = getelementptr inbounds i8, ptr %to, i64 8
  call void @llvm.memcpy.p0.p0.i64(ptr %g8, ptr %slot, i64 16, i1 false)
  %h24 = getelementptr inbounds i8, ptr %to, i64 24
  store double %d, ptr %h24
  %i32 = getelementptr inbounds i8, ptr %to, i64 32
  store i64 %set, ptr %i32
  call void @llvm.lifetime.end.p0(ptr %slot)
  call void @llvm.lifetime.end.p0(ptr %from)
  ret void
}
declare void @llvm.lifetime.start.p0(ptr)
declare void @llvm.lifetime.end.p0(ptr)
)");
  ASSERT_NE(module, nullptr);
  CopyWhole(module);
  const llvm::MemCpyInst* whole = WholeCopy(*module);
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(llvm::cast<llvm::ConstantInt>(whole->getLength())->getZExtValue(), 32u);
  EXPECT_EQ(Count(*module, llvm::Instruction::Alloca), 1u);
  EXPECT_EQ(Count(*module, llvm::Instruction::Store), 1u);
}

// A closure has a reference to each part.
TEST_F(WholeCopyTest, ThroughReferences) {
  std::string body;
  const struct {
    const char* type;
    int to;
  } parts[] = {{"double", 16}, {"i64", 24}, {"double", 32}, {"double", 56}};
  body =
      "  %r0 = load ptr, ptr %from\n  %a = load float, ptr %r0\n  store float %a, ptr %to\n"
      "  %r4 = getelementptr inbounds i8, ptr %r0, i64 4\n  %b = load float, ptr %r4\n"
      "  %t4 = getelementptr inbounds i8, ptr %to, i64 4\n  store float %b, ptr %t4\n"
      "  %e1 = getelementptr inbounds i8, ptr %from, i64 8\n  %r1 = load ptr, ptr %e1\n"
      "  %t8 = getelementptr inbounds i8, ptr %to, i64 8\n"
      "  call void @llvm.memcpy.p0.p0.i64(ptr %t8, ptr %r1, i64 8, i1 false)\n";
  int number = 2;
  for (const auto& part : parts) {
    const std::string n = std::to_string(number++);
    body += "  %e" + n + "x = getelementptr inbounds i8, ptr %from, i64 " + n + "0\n  %r" + n +
            "x = load ptr, ptr %e" + n + "x\n  %v" + n + "x = load " + part.type + ", ptr %r" + n +
            "x\n  %t" + n + "x = getelementptr inbounds i8, ptr %to, i64 " +
            std::to_string(part.to) + "\n  store " + part.type + " %v" + n + "x, ptr %t" + n +
            "x\n";
    if (part.to == 32)
      body +=
          "  %t40 = getelementptr inbounds i8, ptr %to, i64 40\n"
          "  call void @llvm.memcpy.p0.p0.i64(ptr %t40, ptr %r1, i64 16, i1 false)\n";
  }
  llvm::Module* module = modules_.Parse(Function(body));
  ASSERT_NE(module, nullptr);
  CopyWhole(module);
  const llvm::MemCpyInst* whole = WholeCopy(*module);
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(llvm::cast<llvm::ConstantInt>(whole->getLength())->getZExtValue(), 64u);
  EXPECT_EQ(whole->getRawSource()->getName(), "r0");
  EXPECT_TRUE(IsWholeCopy(*llvm::cast<llvm::LoadInst>(whole->getRawSource())));
  EXPECT_EQ(Count(*module, llvm::Instruction::Store), 1u);
}

// What a loop goes over is read from memory as well, and is there without the paddings.
TEST_F(WholeCopyTest, ThroughAReferenceOfTheProgramsOwn) {
  std::string body = kFirst + kSetA + kRest;
  const std::string from = "%from";
  for (size_t at = 0; (at = body.find(from, at)) != std::string::npos;)
    body.replace(at, from.size(), "%x");
  body = "  %x = load ptr, ptr %from\n  %n = load i64, ptr %x\n" + body;
  llvm::Module* module = modules_.Parse(Function(body));
  ASSERT_NE(module, nullptr);
  CopyWhole(module);
  const llvm::MemCpyInst* whole = WholeCopy(*module);
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(whole->getRawSource()->getName(), "x");
  EXPECT_FALSE(IsWholeCopy(*llvm::cast<llvm::LoadInst>(whole->getRawSource())));
}

TEST_F(WholeCopyTest, WhatIsNotReadWholeStaysAsItIs) {
  const std::string broken[] = {
      kSetA + Moved("i64", 32, 0) + Bytes(64, 24, 1),                        // no padding at all
      Moved("float", 0, 0) + Moved("float", 4, 1) + Bytes(8, 8, 2),          // no end
      Moved("float", 0, 0) + Moved("float", 4, 1) + Moved("double", 32, 2),  // a gap
      Moved("double", 0, 0) + Moved("double", 8, 1),                         // no beginning
  };
  for (const std::string& body : broken) {
    llvm::Module* module = modules_.Parse(Function(body));
    ASSERT_NE(module, nullptr);
    const unsigned before = module->getFunction("f")->getInstructionCount();
    CopyWhole(module);
    EXPECT_EQ(WholeCopy(*module), nullptr) << body;
    EXPECT_EQ(module->getFunction("f")->getInstructionCount(), before);
  }
}

}  // namespace
}  // namespace race::build
