// SPDX-License-Identifier: GPL-2.0-only
#include "build/kernel_constants.h"

#include <unistd.h>

#include <filesystem>
#include <vector>

#include "build/sdk_commands.h"
#include "support/file.h"

namespace race::build {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "/kernel-constants.mir";

using Lines = std::vector<std::string_view>;

// The lines of each body that is evaluated at compile time, without rustc's words about each
// constant.
std::vector<Lines> CompileTimeBodies(std::string_view text) {
  std::vector<Lines> bodies;
  bool in_body = false, kept = false, for_compile_time = false;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == text.npos ? text.size() : newline + 1);
    if (!in_body) {
      if (line.starts_with("// MIR FOR CTFE")) for_compile_time = true;
      // Memory of constants is shown between bodies.
      if (line.empty() || line[0] == ' ' || line[0] == '/' || line == "}" ||
          line.starts_with("alloc"))
        continue;
      kept = for_compile_time || !line.starts_with("fn ");
      in_body = line.ends_with("{");
      if (kept) bodies.emplace_back();
      if (kept && for_compile_time) bodies.back().emplace_back("// MIR FOR CTFE");
      for_compile_time = false;
    }
    const size_t start = line.find_first_not_of(' ');
    const bool silent = start == line.npos || line.substr(start).starts_with("// ") ||
                        line.substr(start).starts_with("Storage") ||
                        line.substr(start).starts_with("ConstEvalCounter");
    if (kept && !silent) bodies.back().push_back(line);
    if (in_body && line == "}") in_body = false;
  }
  return bodies;
}

// A line without its place.
std::string_view WithoutPlace(std::string_view line) {
  const size_t comment = line.rfind("// ");
  if (comment == line.npos || comment == 0) return line;
  line = line.substr(0, comment);
  while (line.ends_with(" ")) line.remove_suffix(1);
  return line;
}

Result<std::string> MirOf(const SdkOptions& options, const std::string& variant) {
  const std::string path = options.output + "/" + variant + "." + std::to_string(getpid()) + ".mir";
  Command command = SdkCommands(options).Crate(variant, "kernel", "", "");
  for (const std::string& word :
       {"--emit=mir=" + path, std::string("-Zmir-opt-level=0"),
        std::string("-Zmir-include-spans=on"), std::string("-Ztrim-diagnostic-paths=no")})
    command.words.push_back(word);
  std::error_code ignored;
  RACE_ASSIGN(output, Run(command));
  if (output.exit_status != 0) {
    fs::remove(path, ignored);
    return Fail(Code::kSdkCompile)
           << "the kernel crate under " << variant << ": exit status " << output.exit_status << "\n"
           << Tail(output.text, 40);
  }
  RACE_ASSIGN(text, ReadFile(path));
  fs::remove(path, ignored);
  return text;
}

// Adds a body with the mark for numbers that differ.  One that is another program is left
// out: what it does is not known.
void AddMarked(const Lines& lines, const Lines& others, std::string* text) {
  std::string marked;
  for (size_t i = 0; i < lines.size(); i++) {
    const std::string_view code = WithoutPlace(lines[i]);
    std::string line(code);
    if (lines.size() != others.size() || !MarkDifferences(&line, WithoutPlace(others[i]))) return;
    marked += line + std::string(lines[i].substr(code.size())) + "\n";
  }
  *text += marked;
}

}  // namespace

Result<std::string> CompileTimeMir(std::string_view text, std::string_view other) {
  const std::vector<Lines> bodies = CompileTimeBodies(text), others = CompileTimeBodies(other);
  if (bodies.size() != others.size())
    return Fail(Code::kSdkCompile)
           << "the kernel crate has " << bodies.size() << " constants and const functions under "
           << "one layout and " << others.size() << " under another";
  std::string marked;
  for (size_t i = 0; i < bodies.size(); i++) AddMarked(bodies[i], others[i], &marked);
  return marked;
}

Status WriteKernelConstants(const SdkOptions& options) {
  RACE_ASSIGN(text, MirOf(options, "v0"));
  RACE_ASSIGN(other, MirOf(options, "v4"));
  RACE_ASSIGN(marked, CompileTimeMir(text, other));
  return WriteFileAtomically(options.output + kFile, marked);
}

Result<Mir> ReadKernelConstants(const Sdk& sdk) {
  SdkOptions options;
  options.kernel_tree = sdk.properties.at("kernel_tree");
  options.output = sdk.path;
  const std::string path = sdk.path + kFile;
  if (!fs::exists(path) && access(sdk.path.c_str(), W_OK) != 0) return Mir();
  if (!fs::exists(path)) RACE_TRY(WriteKernelConstants(options));
  RACE_ASSIGN(text, ReadFile(path));
  Mir mir = ParseMir(text);
  NameImpls(&mir, [&](const std::string& file) -> std::optional<std::string> {
    Result<std::string> source =
        ReadFile(file.starts_with("/") ? file : options.kernel_tree + "/" + file);
    if (!source) return std::nullopt;
    return *source;
  });
  for (MirBody& body : mir.bodies) body.crate = "kernel";
  return mir;
}

}  // namespace race::build
