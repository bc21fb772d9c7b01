// SPDX-License-Identifier: GPL-2.0-only
#include "build/object_check.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "rcrate/elf_object.h"
#include "support/file.h"

namespace race::build {
namespace {

constexpr std::string_view kEndBranch = "\xf3\x0f\x1e\xfa";  // endbr64
constexpr std::string_view kSealed = ".ibt_endbr_seal";

// By whole name: what tools write, what the module loader looks for, and what it treats by its
// flags alone.
constexpr std::array kKnown = {
    ".text",
    ".init.text",
    ".exit.text",
    ".noinstr.text",
    ".rodata",
    ".data",
    ".bss",
    ".init.data",
    ".init.rodata",
    ".exit.data",
    ".data..ro_after_init",
    ".data..read_mostly",
    ".data..once",  // pr_warn_once!(): the kernel resets its own alone
    ".data..do_once",
    ".modinfo",
    "__param",
    "__bug_table",
    "__jump_table",
    "__ex_table",
    ".altinstructions",
    ".altinstr_replacement",
    ".altinstr_aux",
    ".static_call_sites",
    ".static_call.text",
    ".retpoline_sites",
    ".return_sites",
    ".call_sites",
    ".ibt_endbr_seal",
    ".orc_unwind",
    ".orc_unwind_ip",
    ".orc_header",
    ".smp_locks",
    "__mcount_loc",
    "__patchable_function_entries",
};

// What one of these and a dot begins, but for two dots: the linker puts it there.
constexpr std::array kFamilies = {".text.", ".rodata.", ".data.", ".bss.", ".note.", ".codetag."};

// The linker makes them of strings and of constants that are nobody's by name.
constexpr std::array kMerged = {".rodata..L", ".data..L", ".bss..L"};

// Sections whose addresses of code nobody calls.
bool IsTable(std::string_view section) {
  static constexpr std::array kTables = {".altinstructions",
                                         ".ibt_endbr_seal",
                                         ".orc_unwind_ip",
                                         ".retpoline_sites",
                                         ".smp_locks",
                                         ".static_call_sites",
                                         "__bug_table",
                                         "__ex_table",
                                         "__jump_table",
                                         "__mcount_loc",
                                         ".return_sites",
                                         ".call_sites",
                                         "__patchable_function_entries"};
  return std::find(kTables.begin(), kTables.end(), section) != kTables.end();
}

class Checker {
 public:
  explicit Checker(const elf::Object& object) : object_(object) {
    for (const elf::Symbol& symbol : object.symbols)
      if (symbol.type == STT_FUNC && !symbol.undefined() && !symbol.removed)
        functions_[{symbol.section, symbol.value}] = symbol.name;
  }

  Status CheckSections() const {
    std::string all;
    for (size_t i = 0; i < object_.sections.size(); i++) {
      const elf::Section& section = object_.sections[i];
      if (section.removed || (section.flags & SHF_ALLOC) == 0 || section.size() == 0) continue;
      if ((section.flags & SHF_TLS) == 0 && IsModuleSection(section.name)) continue;
      std::string who;
      for (const elf::Symbol& symbol : object_.symbols)
        if (static_cast<size_t>(symbol.section) == i && symbol.type != STT_SECTION &&
            !symbol.name.empty() && who.empty())
          who = symbol.name + ": ";
      all += who + "the section " + section.name + " is none that a module may have" +
             (section.name.starts_with(".data..percpu")
                  ? " (what each processor has is allocated when the driver runs)"
                  : "") +
             "\n";
    }
    if (all.empty()) return Ok{};
    return Fail(Code::kUnsupported) << all << "  leave out #[link_section]";
  }

  // The resolver writes numbers, and no distances: what reads a field through a null pointer
  // that LLVM knows of has an address that is a layout alone.
  Status CheckLayoutOperands() const {
    static constexpr std::array kAbsolute = {R_X86_64_64, R_X86_64_32, R_X86_64_32S, R_X86_64_16,
                                             R_X86_64_8};
    for (const elf::Section& section : object_.sections) {
      if (section.removed || (section.flags & SHF_ALLOC) == 0) continue;
      for (const elf::Relocation& relocation : section.relocations) {
        const std::string& symbol = object_[relocation.symbol].name;
        if (!symbol.starts_with(RACE_SYMBOL_PREFIX) ||
            std::find(kAbsolute.begin(), kAbsolute.end(), relocation.type) != kAbsolute.end())
          continue;
        return Fail(Code::kUnsupported)
               << section.name << "+0x" << std::hex << relocation.offset << ": " << symbol
               << " is an address by itself: the code uses a field of what a null pointer points "
                  "to";
      }
    }
    return Ok{};
  }

  Status CheckBranchTargets(const rcrate::Rcrate& rcrate) {
    for (const elf::Symbol& symbol : object_.symbols) {
      if (symbol.type != STT_FUNC || symbol.undefined() || symbol.removed) continue;
      // The kernel calls these itself, and the resolver writes the addresses of the others.
      if (symbol.name == "init_module" || symbol.name == "cleanup_module" ||
          InShape(rcrate, symbol.name))
        taken_.insert({symbol.section, symbol.value});
    }
    for (const elf::Section& section : object_.sections) {
      if (section.removed || (section.flags & SHF_ALLOC) == 0 || IsTable(section.name)) continue;
      for (const elf::Relocation& relocation : section.relocations) Take(section, relocation);
    }
    std::set<Place> sealed;
    if (const elf::Section* seal = object_.Find(kSealed))
      for (const elf::Relocation& relocation : seal->relocations)
        sealed.insert(PlaceOf(relocation, 0));
    for (const Place& place : taken_) {
      const std::string& name = functions_.at(place);
      const std::string& code = object_[place.first].bytes;
      if (code.compare(place.second, kEndBranch.size(), kEndBranch) != 0)
        return Fail(Code::kUnsupported)
               << "the address of " << name << " is taken, and it does not begin with endbr64: a "
               << "call through a pointer is a fault where processors track indirect branches\n"
               << "  let a function in assembly begin with endbr64";
      if (sealed.count(place) != 0)
        return Fail(Code::kBuildObjtool) << "the address of " << name << " is taken, and objtool "
                                         << "lets kernels overwrite its endbr64";
    }
    return Ok{};
  }

 private:
  using Place = std::pair<elf::SectionId, uint64_t>;

  static bool InShape(const rcrate::Rcrate& rcrate, const std::string& name) {
    for (const rcrate::Shape& shape : rcrate.shapes)
      for (const rcrate::Piece& piece : shape.pieces)
        if (piece.kind == RACE_PIECE_ADDRESS && piece.data == name) return true;
    return false;
  }

  Place PlaceOf(const elf::Relocation& relocation, int64_t beyond) const {
    const elf::Symbol& symbol = object_[relocation.symbol];
    return {symbol.section, symbol.value + static_cast<uint64_t>(relocation.addend + beyond)};
  }

  void Take(const elf::Section& in, const elf::Relocation& relocation) {
    const bool relative = relocation.type == R_X86_64_PC32 || relocation.type == R_X86_64_PLT32;
    int64_t beyond = 0;
    if ((in.flags & SHF_EXECINSTR) != 0 && relative) {
      if (IsBranch(in.bytes, relocation.offset)) return;
      beyond = 4;  // counted from the end of the instruction
    }
    const Place place = PlaceOf(relocation, beyond);
    if (functions_.count(place) != 0) taken_.insert(place);
  }

  // call, jmp, or one that depends on a condition.
  static bool IsBranch(const std::string& code, uint64_t offset) {
    auto byte = [&](uint64_t back) {
      return offset >= back ? static_cast<unsigned char>(code[offset - back]) : 0;
    };
    return byte(1) == 0xe8 || byte(1) == 0xe9 || (byte(2) == 0x0f && (byte(1) & 0xf0) == 0x80);
  }

  const elf::Object& object_;
  std::map<Place, std::string> functions_;
  std::set<Place> taken_;
};

}  // namespace

bool IsModuleSection(const std::string& name) {
  if (std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end()) return true;
  auto begins = [&](const char* prefix) { return name.starts_with(prefix); };
  if (std::any_of(kMerged.begin(), kMerged.end(), begins)) return true;
  return std::any_of(kFamilies.begin(), kFamilies.end(), begins) &&
         name.find("..") == std::string::npos;
}

Status CheckObject(const std::string& object, const rcrate::Rcrate& rcrate, bool tracks_branches) {
  RACE_ASSIGN(bytes, ReadFile(object));
  RACE_ASSIGN(read, elf::ReadObject(bytes, object));
  Checker checker(read);
  RACE_TRY(checker.CheckSections());
  RACE_TRY(checker.CheckLayoutOperands());
  return tracks_branches ? checker.CheckBranchTargets(rcrate) : Status(Ok{});
}

// Both names that objtool has had for it; of sections that it does not know it takes no notice,
// and none of them gets into the module.
std::string KeepBranchTargets(const std::set<std::string>& functions) {
  std::string text;
  for (const char* section : {".discard.ibt_endbr_noseal", ".discard.endbr.noseal"})
    for (const std::string& name : functions)
      text += std::string(".pushsection ") + section + ",\"\",@progbits\n.quad \"" + name +
              "\"\n.popsection\n";
  return text;
}

}  // namespace race::build
