// SPDX-License-Identifier: GPL-2.0-only
//
// What a driver's own source computes from layouts, and from C's enumerators, while it is
// compiled (rule 16).  A number that was computed so has no trace in the code but its value: a
// comparison that came out the same under every layout tried leaves nothing to
// match, solve or hold a contract against.  So the driver's MIR is read, where
// the question still stands.  What comes from a type whose layout moves is a layout: its
// size, the distance of two addresses in it, its bytes, what a function makes of it.  What is
// not known to keep it one is refused.
#pragma once

#include <map>
#include <set>
#include <string>

#include "build/driver.h"
#include "build/layout_types.h"
#include "build/mir_text.h"
#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

// Types, as MIR spells them, whose layout the program asks for.
struct LayoutQueries {
  std::set<std::string> types;                // any question
  std::set<std::string> aligned;              // align_of: no variant changes an alignment
  std::map<std::string, std::string> places;  // type -> "FILE:LINE:COLUMN" of a question; or ""

  // The program's own whose layout moves, and their MirPlainType() where no other type
  // has that.
  std::map<std::string, std::string> moving;

  // The C types among them, by bindgen's names.
  static std::set<std::string> Kernel(const std::set<std::string>& types);
  // Those that are in `aligned`, or in what it names, with the place of a question.
  std::map<std::string, std::string> AlignedInKernel() const;
  // `aligned`, with the place of a question.
  std::map<std::string, std::string> AlignedOwn() const;
};
LayoutQueries FindLayoutQueries(const Mir& mir);

// Sums, differences and multiples of layouts are as good as the layouts: they
// are numbers that the variants show.  Anything else done with one at compile
// time (a comparison, a mask, a division, a cast to a byte, a call of what is not known) is
// refused: kShapeDiffers with the source line.  In code that runs, the same is fine as long as a
// value that is not known before has a part in it.
Status CheckConstEvaluation(const Mir& mir, const TypeLayouts& layouts);

// The same of numbers that C's enumerators are: `constants`, of the bindings.  Whether one is
// 193 may have the same answer under all values tried, and another on a target.
Status CheckEnumeratorEvaluation(const Mir& mir, const std::set<std::string>& constants);

// The names of constants that are one number in `one` and another in `other`, which is the
// same program with other values of enumerators: MIR does not say of a constant that is a
// constant of the bindings that it is.
std::set<std::string> DifferingConstants(const Mir& one, const Mir& other);

// The MIR of a driver as written, under the variant of that name.  *sizes: what
// rustc prints of its types, unless it is nullptr.
Result<Mir> ReadDriverMir(const Sdk& sdk, const Driver& driver, const std::string& variant,
                          std::string* sizes = nullptr);

// CheckConstEvaluation() of a driver.  `mir` and `sizes` are those under v0; `queries` gets what
// its contracts must hold for it.
Status CheckDriverConstants(const Sdk& sdk, const Driver& driver, const Mir& mir,
                            const std::string& sizes, LayoutQueries* queries);

}  // namespace race::build
