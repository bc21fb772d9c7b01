// SPDX-License-Identifier: GPL-2.0-only
//
// CheckDriverConstants(): asks rustc for a driver's MIR and for the layouts of
// its types.
#include "build/const_evaluation.h"
#include "build/kernel_constants.h"
#include "support/file.h"
#include "support/large_file.h"

namespace race::build {
namespace {

std::optional<std::string> ReadSource(const std::string& folder, const std::string& path) {
  Result<std::string> text = ReadFile(path.starts_with("/") ? path : folder + "/" + path);
  if (!text) return std::nullopt;
  return *text;
}

}  // namespace

// As written: rustc's own optimisations would answer the questions.
Result<Mir> ReadDriverMir(const Sdk& sdk, const Driver& driver, const std::string& variant,
                          std::string* sizes) {
  const std::string path = driver.work + "/" + variant + ".mir";
  Command command = VariantCommand(sdk, driver, variant);
  // Of statics, names are asked and not bytes: megabytes where types are padded.
  for (const std::string& word :
       {"--emit=mir=" + path, std::string("-Zmir-opt-level=0"),
        std::string("-Zmir-include-spans=on"), std::string("-Ztrim-diagnostic-paths=no"),
        std::string("-Zdump-mir-exclude-alloc-bytes")})
    command.words.push_back(word);
  // Types are known when all instances are.
  if (sizes != nullptr)
    for (const std::string& word :
         {"--emit=llvm-bc=" + driver.work + "/sizes.bc", std::string("-Cno-prepopulate-passes"),
          std::string("-Zprint-type-sizes")})
      command.words.push_back(word);
  RACE_ASSIGN(output, Run(command));
  if (output.exit_status != 0)
    return Fail(Code::kBuildCompile)
           << "rustc under the layout '" << variant << "': " << Tail(output.text, 30);
  RACE_ASSIGN(text, ReadLargeFile(path));
  if (sizes != nullptr) *sizes = std::move(output.text);
  Mir mir = ParseMir(text);
  NameImpls(&mir, [&](const std::string& file) { return ReadSource(command.directory, file); });
  return mir;
}

Status CheckDriverConstants(const Sdk& sdk, const Driver& driver, const Mir& mir,
                            const std::string& sizes, LayoutQueries* queries) {
  // The least and the most padded layouts, whose paddings are of the same types.
  std::string wide_sizes;
  RACE_ASSIGN(wide, ReadDriverMir(sdk, driver, kVariants[kLastHeldOut].name, &wide_sizes));
  Mir marked = mir;
  RACE_TRY(MarkDifferences(&marked, wide));
  // And what the driver uses of the kernel crate.
  RACE_ASSIGN(kernel, ReadKernelConstants(sdk));
  for (MirBody& body : kernel.bodies) marked.bodies.push_back(std::move(body));
  const PrintedLayouts layouts(sizes, wide_sizes);
  *queries = FindLayoutQueries(marked);
  // A type of `uapi` that moves has the layout that the bindings give it.
  for (const std::string& type : std::set<std::string>(queries->types))
    for (std::string_view crate : {"kernel::uapi::", "uapi::"})
      if (type.starts_with(crate) && layouts.Moves(type, true)) {
        const std::string same = "bindings::" + type.substr(crate.size());
        queries->types.erase(type);
        queries->types.insert(same);
        if (queries->aligned.erase(type) != 0) queries->aligned.insert(same);
        queries->places.emplace(same, queries->places[type]);
      }
  for (const std::string& type : queries->types)
    if (layouts.Has(type) && layouts.Moves(type, true) && LayoutQueries::Kernel({type}).empty())
      queries->moving.emplace(type, layouts.IsPlainNameClear(type) ? MirPlainType(type) : "");
  return CheckConstEvaluation(marked, layouts);
}

}  // namespace race::build
