// SPDX-License-Identifier: GPL-2.0-only
//
// Which of the bindings' constants the driver's code may hold.  bindgen makes numbers of
// C's enumerators, and in code a number does not say where it is from: what counts is
// what the sources name that the code comes from, and all sources of the driver.  That is
// more than what is used, and misses constants of a file of the kernel crate none of whose
// functions is linked in.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "build/guarded_code.h"
#include "build/source_lines.h"

namespace llvm {
class Module;
}

namespace race::build {

// The source files, as the compiler named them, of the module's functions, inlined ones
// included, that lie in one of the folders.
std::set<std::string> SourceFiles(const llvm::Module& module,
                                  const std::vector<std::string>& folders);
// All Rust sources below the folder, with those that no code comes from: one may have
// constants only.  What cannot be read is left out.
std::set<std::string> SourceFilesBelow(const std::string& folder);

// A place that names a constant of the bindings: its line, and the one where the statement
// or expression between ; { and } begins that it is in.
struct Mention {
  std::string name;
  unsigned statement = 0;
  unsigned line = 0;
  bool operator==(const Mention&) const = default;
};
std::vector<Mention> MentionsOfBindings(std::string_view rust,
                                        std::string_view module = "bindings");

// All names: where constants may be named without `bindings::`.
std::vector<Mention> MentionsOfNames(std::string_view rust);

// Whether it imports the bindings' constants all together, calls the module something else,
// or puts names together with it in a macro.
bool RenamesBindings(std::string_view rust, std::string_view module = "bindings");

// What Rust code names as bindings::NAME or bindings::{NAME, ...}, lines of comment
// aside, each with the line where it does so first.
std::map<std::string, unsigned> BindingsNamed(std::string_view rust);

// Those of all files, with the first place as "file:line"; all names of the driver's, which are
// those in `driver`, when one of them RenamesBindings().  A file that cannot be read names nothing:
// the compiler's own, say.
std::map<std::string, std::string> BindingsNamedIn(const std::set<std::string>& files,
                                                   const std::string& driver,
                                                   std::string_view module = "bindings");

// Those of the driver's own files, and of the others those in a statement that has code among
// `lines`: not what is only worked out while compiling.
std::set<std::string> BindingsNamedByCode(const std::set<std::string>& files,
                                          const std::string& driver, const SourceLines& lines);

// All names in a source.
std::set<std::string> AllNames(std::string_view rust);

// Which members of unions without a name code may mean: what follows `__bindgen_anon_N` in the
// sources.  Of a source that has one which nothing follows that is a member, all names.
std::set<std::string> MembersNamed(std::string_view rust);

// What is known at all places that name each: where all code of the statement runs with
// that answer.  A statement without code of its own (a constant, an import) may be used
// anywhere.
std::map<std::string, Answers> AnswersWhereNamed(const std::set<std::string>& files,
                                                 const std::string& driver,
                                                 const SourceAnswers& lines);

}  // namespace race::build
