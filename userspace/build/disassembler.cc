// SPDX-License-Identifier: GPL-2.0-only
#include "build/disassembler.h"

#include <elf.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCDisassembler/MCRelocationInfo.h>
#include <llvm/MC/MCExpr.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstPrinter.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>

#include <algorithm>
#include <set>

#include "rcrate/expression.h"

namespace race::build {
namespace {

// What the bytes of one section refer to, by the place of the field.
class References {
 public:
  References(const elf::Object& object, const rcrate::Rcrate* rcrate, elf::SectionId section)
      : object_(object), rcrate_(rcrate), section_(section) {
    for (const elf::Relocation& relocation : object[section].relocations)
      relocations_[relocation.offset] = &relocation;
    if (rcrate == nullptr) return;
    for (const rcrate::Symbol& symbol : rcrate->symbols) layouts_[symbol.name] = symbol.expr;
  }

  const elf::Relocation* At(uint64_t offset) const {
    auto found = relocations_.find(offset);
    return found == relocations_.end() ? nullptr : found->second;
  }
  // How many fields lie in [begin, end).
  size_t Count(uint64_t begin, uint64_t end) const {
    return static_cast<size_t>(
        std::distance(relocations_.lower_bound(begin), relocations_.lower_bound(end)));
  }

  // `end`: of the instruction, where the processor counts from.
  Result<Reference> Describe(const elf::Relocation& relocation, uint64_t end) const {
    const elf::Symbol& symbol = object_[relocation.symbol];
    Reference reference{RefersTo::kSymbol, symbol.name, relocation.addend,
                        elf::SectionId::kUndefined, 0};
    if (relocation.type == R_X86_64_PLT32 || relocation.type == R_X86_64_PC32)
      reference.addend += static_cast<int64_t>(end - relocation.offset);
    if (symbol.name.starts_with(RACE_SYMBOL_PREFIX)) {
      auto layout = layouts_.find(symbol.name);
      if (layout == layouts_.end())
        return Fail(Code::kRelocation) << symbol.name << " is not defined in the section .race";
      reference.kind = RefersTo::kLayout;
      reference.name = rcrate::Spell(*rcrate_, layout->second);
      return reference;
    }
    if (symbol.type != STT_SECTION || reference.addend < 0) return reference;
    return Place(symbol.section, static_cast<uint64_t>(reference.addend));
  }

  // A place in a section: by the symbol that it lies in.
  Reference Place(elf::SectionId section, uint64_t offset) const {
    const elf::Symbol* best = nullptr;
    for (const elf::Symbol& symbol : object_.symbols) {
      if (symbol.removed || symbol.section != section || symbol.name.empty()) continue;
      if (symbol.type != STT_FUNC && symbol.type != STT_OBJECT) continue;
      if (symbol.value == offset || (symbol.value < offset && offset - symbol.value < symbol.size))
        if (best == nullptr || symbol.value > best->value ||
            (symbol.value == best->value && symbol.name < best->name))
          best = &symbol;
    }
    if (best != nullptr)
      return {RefersTo::kSymbol, best->name, static_cast<int64_t>(offset - best->value), section,
              offset};
    return {RefersTo::kData, object_[section].name, static_cast<int64_t>(offset), section, offset};
  }
  elf::SectionId section() const { return section_; }

 private:
  const elf::Object& object_;
  const rcrate::Rcrate* rcrate_;
  elf::SectionId section_;
  std::map<uint64_t, const elf::Relocation*> relocations_;
  std::map<std::string, rcrate::ExprId, std::less<>> layouts_;
};

// LLVM's decoder asks for every operand, by the field's place in the instruction:
// so a displacement cannot be mistaken for an immediate of the same value.
class Symboliser final : public llvm::MCSymbolizer {
 public:
  Symboliser(llvm::MCContext& context, std::unique_ptr<llvm::MCRelocationInfo> info)
      : llvm::MCSymbolizer(context, std::move(info)) {}

  void Start(const References* references, uint64_t begin, uint64_t end) {
    references_ = references;
    begin_ = begin;
    end_ = end;
  }
  void Clear() {
    found.clear();
    named = 0;
    error.reset();
  }

  bool tryAddingSymbolicOperand(llvm::MCInst& instruction, llvm::raw_ostream& /*comments*/,
                                int64_t value, uint64_t address, bool branch, uint64_t offset,
                                uint64_t size, uint64_t length) override {
    // A displacement that is not there is asked for, too: at the next field.
    if (size == 0) return false;
    if (const elf::Relocation* relocation = references_->At(address + offset)) {
      Result<Reference> described = references_->Describe(*relocation, address + length);
      if (!described) {
        error = described.error();
        return false;
      }
      if (size != Width(relocation->type)) {
        error = Fail(Code::kBadElf)
                << "relocation type " << relocation->type << " of " << size << " bytes";
        return false;
      }
      named++;
      return Add(instruction, *described);
    }
    if (!branch) return false;
    uint64_t target = static_cast<uint64_t>(value);
    if (target >= begin_ && target < end_)
      return Add(instruction, {RefersTo::kLabel, "", 0, references_->section(), target});
    return Add(instruction, references_->Place(references_->section(), target));
  }
  void tryAddingPcLoadReferenceComment(llvm::raw_ostream& /*comments*/, int64_t /*value*/,
                                       uint64_t /*address*/) override {}

  std::vector<Reference> found;
  size_t named = 0;  // relocations among them
  std::optional<Error> error;

 private:
  static uint64_t Width(uint32_t type) {
    switch (type) {
      case R_X86_64_64:
      case R_X86_64_PC64:
        return 8;
      case R_X86_64_16:
        return 2;
      case R_X86_64_8:
        return 1;
      default:
        return 4;
    }
  }
  bool Add(llvm::MCInst& instruction, Reference reference) {
    llvm::MCSymbol* symbol = Ctx.getOrCreateSymbol(Mark(found.size()));
    instruction.addOperand(llvm::MCOperand::createExpr(llvm::MCSymbolRefExpr::create(symbol, Ctx)));
    found.push_back(std::move(reference));
    return true;
  }

  const References* references_ = nullptr;
  uint64_t begin_ = 0, end_ = 0;
};

// A part of a section that is decoded on its own.
struct Extent {
  uint64_t begin;
  uint64_t end;
  std::string name;
};

// The section's functions, and what lies between them.
std::vector<Extent> Extents(const elf::Object& object, elf::SectionId section) {
  std::vector<Extent> named;
  for (const elf::Symbol& symbol : object.symbols)
    if (!symbol.removed && symbol.section == section && symbol.type == STT_FUNC && symbol.size != 0)
      named.push_back({symbol.value, symbol.value + symbol.size, symbol.name});
  std::sort(named.begin(), named.end(), [](const Extent& a, const Extent& b) {
    return std::tie(a.begin, b.end, a.name) < std::tie(b.begin, a.end, b.name);
  });
  std::vector<Extent> extents;
  uint64_t at = 0, size = object[section].bytes.size();
  for (const Extent& extent : named) {
    if (extent.begin < at || extent.end > size) continue;  // another name for the same code
    if (extent.begin > at) extents.push_back({at, extent.begin, ""});
    extents.push_back(extent);
    at = extent.end;
  }
  if (at < size) extents.push_back({at, size, ""});
  return extents;
}

}  // namespace

std::string Mark(size_t index) { return "race_operand_" + std::to_string(index) + "_"; }

bool IsFiller(const CodeInstruction& instruction) {
  const std::string& text = instruction.text;
  return text.rfind("nop", 0) == 0 || text.rfind("int3", 0) == 0 ||
         text.find("\tnop") != std::string::npos || text == "xchg\tax, ax";
}

bool CodeFunction::IsPadding() const {
  return std::all_of(instructions.begin(), instructions.end(), IsFiller);
}

struct Disassembler::Machine {
  std::unique_ptr<llvm::MCRegisterInfo> registers;
  llvm::MCTargetOptions options;
  std::unique_ptr<llvm::MCAsmInfo> syntax;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget;
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::unique_ptr<llvm::MCContext> context;
  std::unique_ptr<llvm::MCDisassembler> decoder;
  std::unique_ptr<llvm::MCInstPrinter> printer;
  Symboliser* symboliser = nullptr;  // owned by the decoder

  Result<CodeFunction> Decode(const elf::Section& section, const References& references,
                              const Extent& extent);
};

Disassembler::Disassembler() : machine_(std::make_unique<Machine>()) {}
Disassembler::~Disassembler() = default;

Result<std::unique_ptr<Disassembler>> Disassembler::Make() {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86Disassembler();
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (target == nullptr) return Fail(Code::kUnsupported) << "LLVM: " << error;
  std::unique_ptr<Disassembler> made(new Disassembler());
  Machine& m = *made->machine_;
  m.registers.reset(target->createMCRegInfo(triple));
  m.syntax.reset(target->createMCAsmInfo(*m.registers, triple, m.options));
  m.subtarget.reset(target->createMCSubtargetInfo(triple, "x86-64", ""));
  m.instructions.reset(target->createMCInstrInfo());
  m.context = std::make_unique<llvm::MCContext>(triple, m.syntax.get(), m.registers.get(),
                                                m.subtarget.get());
  m.decoder.reset(target->createMCDisassembler(*m.subtarget, *m.context));
  constexpr unsigned kIntel = 1;
  m.printer.reset(
      target->createMCInstPrinter(triple, kIntel, *m.syntax, *m.instructions, *m.registers));
  if (!m.decoder || !m.printer) return Fail(Code::kUnsupported) << "LLVM cannot disassemble x86-64";
  m.printer->setPrintImmHex(true);
  auto symboliser = std::make_unique<Symboliser>(
      *m.context,
      std::unique_ptr<llvm::MCRelocationInfo>(target->createMCRelocationInfo(triple, *m.context)));
  m.symboliser = symboliser.get();
  m.decoder->setSymbolizer(std::move(symboliser));
  return made;
}

Result<CodeFunction> Disassembler::Machine::Decode(const elf::Section& section,
                                                   const References& references,
                                                   const Extent& extent) {
  CodeFunction function{extent.name, section.name, extent.begin, {}};
  llvm::ArrayRef<uint8_t> bytes(reinterpret_cast<const uint8_t*>(section.bytes.data()),
                                section.bytes.size());
  symboliser->Start(&references, extent.begin, extent.end);
  for (uint64_t at = extent.begin; at < extent.end;) {
    auto bad = [&](const std::string& what, Code code = Code::kBadElf) {
      return Fail(code) << section.name << "+0x" << llvm::utohexstr(at, true) << " ("
                        << (extent.name.empty() ? "no function" : extent.name) << "): " << what;
    };
    llvm::MCInst instruction;
    uint64_t size = 0;
    symboliser->Clear();
    auto decoded = decoder->getInstruction(instruction, size, bytes.slice(at, extent.end - at), at,
                                           llvm::nulls());
    if (symboliser->error) return bad(symboliser->error->message, symboliser->error->code);
    if (decoded != llvm::MCDisassembler::Success) return bad("no instruction");
    if (symboliser->named != references.Count(at, at + size))
      return bad("a relocation that does not fill one operand");
    std::string text;
    llvm::raw_string_ostream stream(text);
    printer->printInst(&instruction, at, "", *subtarget, stream);
    function.instructions.push_back(
        {at, size, llvm::StringRef(text).trim().str(), std::move(symboliser->found)});
    at += size;
  }
  return function;
}

Result<std::vector<CodeFunction>> Disassembler::Functions(const elf::Object& object,
                                                          const rcrate::Rcrate* rcrate) {
  std::vector<CodeFunction> functions;
  for (uint32_t i = 0; i < object.sections.size(); i++) {
    const elf::Section& section = object.sections[i];
    if (section.removed || (section.flags & SHF_EXECINSTR) == 0) continue;
    elf::SectionId id{i};
    References references(object, rcrate, id);
    for (const Extent& extent : Extents(object, id)) {
      RACE_ASSIGN(function, machine_->Decode(section, references, extent));
      if (!function.name.empty() || !function.IsPadding()) functions.push_back(std::move(function));
    }
  }
  return functions;
}

}  // namespace race::build
