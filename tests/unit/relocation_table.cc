// SPDX-License-Identifier: GPL-2.0-only
#include "relocation_table.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>

#include "../relocation/sealing.h"
#include "rcrate/elf_object.h"
#include "steg/btf_reader.h"
#include "support/cursor.h"
#include "support/file.h"

namespace race::relocation {
namespace {

namespace fs = std::filesystem;

// tests/run and make run the tests at the top of the tree.
const char kFolder[] = "tests/relocation";

struct Scratch {
  Scratch() : folder((fs::temp_directory_path() / "race-relocation.XXXXXX").string()) {
    if (!mkdtemp(folder.data())) folder.clear();
  }
  ~Scratch() {
    std::error_code ignored;
    if (!folder.empty()) fs::remove_all(folder, ignored);
  }
  std::string folder;
};
// Made when it is first needed.
const std::string& ScratchFolder() {
  static const Scratch scratch;
  return scratch.folder;
}

// Runs a program; its error output is the error.
Status Run(std::vector<std::string> command) {
  const std::string log = ScratchFolder() + "/log";
  const pid_t child = fork();
  if (child == 0) {
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (out < 0) _exit(126);
    dup2(out, 1);
    dup2(out, 2);
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  pid_t ended = -1;
  do {  // libFuzzer has an alarm clock
    ended = child > 0 ? waitpid(child, &status, 0) : -1;
  } while (ended < 0 && errno == EINTR);
  if (ended == child && status == 0) return Ok{};
  auto said = ReadFile(log);
  return Fail(Code::kCommandFailed)
         << command[0] << ": status " << status << ": " << (said ? *said : "");
}

// The bytes of a section of an ELF file of any machine.
std::string SectionOf(const std::string& path, std::string_view name) {
  std::string bytes;
  elf_version(EV_CURRENT);
  const int fd = open(path.c_str(), O_RDONLY);
  Elf* elf = elf_begin(fd, ELF_C_READ, nullptr);
  size_t names = 0;
  elf_getshdrstrndx(elf, &names);
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    gelf_getshdr(section, &header);
    const char* found = elf_strptr(elf, names, header.sh_name);
    Elf_Data* data = elf_getdata(section, nullptr);
    if (found && name == found && data) bytes.assign(static_cast<char*>(data->d_buf), data->d_size);
  }
  elf_end(elf);
  close(fd);
  return bytes;
}

void AddExports(std::string_view texts, kernel::Target* target) {
  Cursor cursor(texts);
  for (std::string_view text; cursor.CString(&text);) {
    if (text.empty()) continue;
    const size_t bar = text.find('|');
    const std::string_view option = bar == std::string_view::npos ? "" : text.substr(bar + 1);
    kernel::Export symbol;
    symbol.gpl_only = option == "gpl";
    if (option.starts_with("namespace=")) symbol.symbol_namespace = option.substr(10);
    if (option.starts_with("module=")) symbol.module = option.substr(7);
    target->exports[std::string(text.substr(0, bar))] = symbol;
  }
}

Result<kernel::Target> CompileTarget(const std::string& name) {
  const std::string object = ScratchFolder() + "/" + name + ".o";
  RACE_TRY(Run({"clang-22", "-target", "bpf", "-g", "-O2", "-w", "-c", "-o", object,
                std::string(kFolder) + "/targets/" + name + ".c"}));
  RACE_ASSIGN(types, steg::ReadBtf(SectionOf(object, ".BTF")));
  kernel::Target target;
  target.origin = name;
  target.release = "9.8.7";
  target.vermagic = "9.8.7 SMP preempt mod_unload ";
  target.machine = EM_X86_64;
  target.types = std::move(types);
  AddExports(SectionOf(object, ".exports"), &target);
  return target;
}

std::vector<fs::path> FilesOf(const std::string& folder, const char* extension) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(fs::path(kFolder) / folder, ignored))
    if (entry.path().extension() == extension) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// "#: refuse NAME on TARGET with E0404 WORDS"
Case ReadHead(const std::string& line, const std::string& group) {
  std::istringstream words(line);
  std::string mark, verb, name, on, with;
  Case test;
  words >> mark >> verb >> name >> on >> test.target;
  test.name = group + "_" + name;
  if (verb == "refuse") {
    words >> with >> test.code >> std::ws;
    std::getline(words, test.words);
  }
  const bool ok = on == "on" && !test.target.empty() &&
                  (verb == "pass" || (with == "with" && !test.words.empty()));
  if (!ok) test.source = ".error \"malformed: " + line + "\"\n";
  return test;
}

}  // namespace

std::vector<Case> ReadCases() {
  std::vector<Case> cases;
  for (const fs::path& file : FilesOf("cases", ".s")) {
    auto text = ReadFile(file.string());
    if (!text) continue;
    std::istringstream lines(*text);
    bool in_case = false;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("#:")) {
        cases.push_back(ReadHead(line, file.stem().string()));
        Case& test = cases.back();
        test.source += ".include \"race.inc\"\nproperty target, " + test.target + "\n";
        in_case = true;
      } else if (in_case) {
        cases.back().source += line + '\n';
      }
    }
  }
  return cases;
}

Result<std::string> Assemble(const Case& test) {
  const std::string source = ScratchFolder() + "/case.s", object = ScratchFolder() + "/case.o";
  RACE_TRY(WriteFileAtomically(source, test.source));
  RACE_TRY(Run({"as", "-I", kFolder, "-o", object, source}));
  RACE_ASSIGN(bytes, ReadFile(object));
  Seal(&bytes);
  return bytes;
}

std::vector<std::string> TargetNames() {
  std::vector<std::string> names;
  for (const fs::path& file : FilesOf("targets", ".c")) names.push_back(file.stem().string());
  return names;
}

Result<const kernel::Target*> TargetOf(const std::string& name) {
  static std::map<std::string, std::unique_ptr<kernel::Target>> targets;
  std::unique_ptr<kernel::Target>& target = targets[name];
  if (!target) {
    RACE_ASSIGN(compiled, CompileTarget(name));
    target = std::make_unique<kernel::Target>(std::move(compiled));
  }
  return static_cast<const kernel::Target*>(target.get());
}

std::vector<Expectation> ReadExpectations(const std::string& rcrate) {
  constexpr size_t kName = 64;
  std::vector<Expectation> expected;
  auto object = elf::ReadObject(rcrate, "case.o");
  const elf::Section* section = object ? object->Find(".race.expect") : nullptr;
  if (!section) return expected;
  Cursor cursor(section->bytes);
  std::string_view symbol, target;
  Expectation one;
  while (cursor.Bytes(kName, &symbol) && cursor.Bytes(kName, &target) && cursor.Read(&one.offset) &&
         cursor.Read(&one.width) && cursor.Read(&one.value)) {
    one.symbol = symbol.substr(0, symbol.find('\0'));
    one.target = target.substr(0, target.find('\0'));
    expected.push_back(one);
  }
  return expected;
}

namespace {

// Where a symbol's bytes are; .text for the empty name.
bool Locate(const elf::Object& object, const std::string& symbol, const elf::Section** section,
            uint64_t* start) {
  *start = 0;
  if (symbol.empty()) return (*section = object.Find(".text")) != nullptr;
  for (const elf::Symbol& candidate : object.symbols)
    if (candidate.name == symbol && !candidate.undefined()) {
      *section = &object[candidate.section];
      *start = candidate.value;
      return true;
    }
  return false;
}

std::string NameOf(const elf::Object& object, const elf::Symbol& symbol, bool with_section) {
  if (!with_section || symbol.undefined()) return symbol.name;
  return symbol.name + "@" + object[symbol.section].name;
}

std::string CompareOne(const elf::Object& object, const Expectation& expected) {
  const elf::Section* section = nullptr;
  uint64_t at = 0;
  std::ostringstream wrong;
  wrong << (expected.symbol.empty() ? ".text" : expected.symbol) << "+" << expected.offset << ": ";
  if (!Locate(object, expected.symbol, &section, &at)) return wrong.str() + "no such symbol\n";
  at += expected.offset;
  if (!expected.target.empty()) {
    for (const elf::Relocation& relocation : section->relocations) {
      if (relocation.offset != at) continue;
      const bool with_section = expected.target.find('@') != std::string::npos;
      const std::string name = NameOf(object, object[relocation.symbol], with_section);
      if (name == expected.target && relocation.addend == expected.value) return "";
      wrong << "refers to " << name << " + " << relocation.addend << ", not to " << expected.target
            << " + " << expected.value << '\n';
      return wrong.str();
    }
    return wrong.str() + "no relocation against " + expected.target + "\n";
  }
  std::string_view bytes;
  if (!Slice(section->bytes, at, expected.width, &bytes) || bytes.size() > sizeof(int64_t))
    return wrong.str() + "not within its section\n";
  if (std::memcmp(bytes.data(), &expected.value, bytes.size()) == 0) return "";
  uint64_t held = 0;
  std::memcpy(&held, bytes.data(), bytes.size());
  wrong << "holds 0x" << std::hex << held << ", not 0x" << expected.value << '\n';
  return wrong.str();
}

}  // namespace

std::string Compare(const std::string& module, const std::vector<Expectation>& expected) {
  auto object = elf::ReadObject(module, "module.ko");
  if (!object) return object.error().Text();
  std::string wrong;
  for (const Expectation& one : expected) wrong += CompareOne(*object, one);
  return wrong;
}

}  // namespace race::relocation
