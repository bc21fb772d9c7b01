// SPDX-License-Identifier: GPL-2.0-only
#include "build/trace_events.h"

#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "support/file.h"

namespace race::build {
namespace {

namespace fs = std::filesystem;

// What TRACE_EVENT() defines for other objects, by the beginning of the name.
constexpr const char* kTraceEventSymbols[] = {"__tracepoint_",   "__traceiter_",
                                              "__probestub_",    "__SCK__tp_func_",
                                              "__SCT__tp_func_", "rust_do_trace_"};

}  // namespace

Result<std::string> TraceEventsOf(const std::string& path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) return Fail(Code::kFileRead) << path << ": " << buffer.getError().message();
  auto object = llvm::object::ObjectFile::createObjectFile((*buffer)->getMemBufferRef());
  if (!object) return Fail(Code::kBuildInput) << path << ": " << llvm::toString(object.takeError());
  std::string events;
  for (const llvm::object::SymbolRef& symbol : (*object)->symbols()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name) return Fail(Code::kBuildInput) << path << ": unreadable symbol table";
    bool visible = (*flags & llvm::object::SymbolRef::SF_Global) != 0 &&
                   (*flags & llvm::object::SymbolRef::SF_Undefined) == 0;
    if (!visible) continue;
    auto prefix = std::find_if(std::begin(kTraceEventSymbols), std::end(kTraceEventSymbols),
                               [&](const char* known) { return name->starts_with(known); });
    if (prefix == std::end(kTraceEventSymbols))
      return Fail(Code::kBuildInput)
             << fs::path(path).stem().string() << ".c: it defines " << name->str()
             << " in C (beside the Rust source, only trace events may be in C, which are left out)";
    if (prefix == std::begin(kTraceEventSymbols))
      events += (events.empty() ? "" : ", ") + name->substr(std::string_view(*prefix).size()).str();
  }
  if (events.empty())
    return Fail(Code::kBuildInput)
           << fs::path(path).stem().string() << ".c: C that no other object can see (beside the "
           << "Rust source, only trace events may be in C, which are left out)";
  return events;
}

Status LeaveOutTracing(const std::string& work, Command* compile) {
  for (std::string& word : compile->words) {
    if (!word.starts_with("@")) continue;
    std::string path = word.substr(1);
    if (path[0] != '/') path = compile->directory + "/" + path;
    RACE_ASSIGN(options, ReadFile(path));
    std::istringstream lines(options);
    std::string kept;
    for (std::string line; std::getline(lines, line);)
      if (line.find("CONFIG_TRACEPOINTS") == std::string::npos) kept += line + "\n";
    const std::string copy = work + "/" + fs::path(path).filename().string();
    RACE_TRY(WriteFileAtomically(copy, kept));
    word = "@" + copy;
  }
  return Ok{};
}

}  // namespace race::build
