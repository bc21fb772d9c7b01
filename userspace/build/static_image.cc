// SPDX-License-Identifier: GPL-2.0-only
#include "build/static_image.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Operator.h>

namespace race::build {
namespace {

class Reader {
 public:
  explicit Reader(const llvm::GlobalVariable& variable)
      : variable_(variable), layout_(variable.getDataLayout()) {}

  Result<StaticImage> Read() {
    image_.bytes.assign(layout_.getTypeAllocSize(variable_.getValueType()), '\0');
    RACE_TRY(Visit(variable_.getInitializer(), 0));
    return std::move(image_);
  }

 private:
  Status Visit(const llvm::Constant* constant, uint64_t at) {
    if (constant->isNullValue() || llvm::isa<llvm::UndefValue>(constant)) return Ok{};
    if (auto* data = llvm::dyn_cast<llvm::ConstantDataSequential>(constant)) {
      llvm::StringRef raw = data->getRawDataValues();
      image_.bytes.replace(at, raw.size(), raw.data(), raw.size());
      return Ok{};
    }
    if (auto* integer = llvm::dyn_cast<llvm::ConstantInt>(constant)) {
      uint64_t size = layout_.getTypeStoreSize(integer->getType());
      for (uint64_t i = 0; i < size; i++)
        image_.bytes[at + i] = static_cast<char>(integer->getValue().extractBitsAsZExtValue(
            std::min<uint64_t>(8, integer->getBitWidth() - i * 8), i * 8));
      return Ok{};
    }
    if (auto* aggregate = llvm::dyn_cast<llvm::ConstantStruct>(constant)) {
      const llvm::StructLayout* places = layout_.getStructLayout(aggregate->getType());
      for (unsigned i = 0; i < aggregate->getNumOperands(); i++)
        RACE_TRY(Visit(aggregate->getOperand(i), at + places->getElementOffset(i)));
      return Ok{};
    }
    if (auto* array = llvm::dyn_cast<llvm::ConstantArray>(constant)) {
      uint64_t stride = layout_.getTypeAllocSize(array->getType()->getElementType());
      for (unsigned i = 0; i < array->getNumOperands(); i++)
        RACE_TRY(Visit(array->getOperand(i), at + i * stride));
      return Ok{};
    }
    if (constant->getType()->isPointerTy()) return VisitPointer(constant, at);
    return Refuse(at);
  }

  Status VisitPointer(const llvm::Constant* constant, uint64_t at) {
    // A dangling but aligned pointer is a number.
    if (auto* cast = llvm::dyn_cast<llvm::ConstantExpr>(constant);
        cast != nullptr && cast->getOpcode() == llvm::Instruction::IntToPtr &&
        llvm::isa<llvm::ConstantInt>(cast->getOperand(0)))
      return Visit(cast->getOperand(0), at);
    llvm::APInt offset(64, 0);
    const llvm::Value* base = constant->stripAndAccumulateConstantOffsets(layout_, offset, true);
    auto* target = llvm::dyn_cast<llvm::GlobalValue>(base);
    if (target == nullptr) return Refuse(at);
    image_.addresses.push_back({at, const_cast<llvm::GlobalValue*>(target), offset.getSExtValue()});
    return Ok{};
  }

  Status Refuse(uint64_t at) {
    return Fail(Code::kUnsupported) << "static " << variable_.getName().str() << ": byte " << at
                                    << " holds a constant that is neither data nor an address";
  }

  const llvm::GlobalVariable& variable_;
  const llvm::DataLayout& layout_;
  StaticImage image_;
};

}  // namespace

Result<StaticImage> ReadStatic(const llvm::GlobalVariable& variable) {
  return Reader(variable).Read();
}

int64_t WordAt(const std::string& bytes, uint64_t at, uint64_t length) {
  uint64_t word = 0;
  for (uint64_t i = 0; i < length && at + i < bytes.size(); i++)
    word |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return static_cast<int64_t>(word);
}

}  // namespace race::build
