// SPDX-License-Identifier: GPL-2.0-only
//
// The small variant for a driver that needs fields of C's types which no code of the
// kernel names, and which an SDK's own therefore leaves out (sdk_small_layout.h): it names
// them, or copies all there are.  An SDK is derived then whose small variant has them as
// well, and all else from the first.
//
//   SDK/fields/KEY/       the derived SDK; KEY is of the fields that it has besides.
//                         It is made once, of links but for
//     variant/small/      which has the fields, and
//     layouts             what rustc says of the small variant's
#pragma once

#include <set>
#include <string>

#include "build/driver.h"
#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

struct FittedSdk {
  Sdk sdk;             // the one given, or one derived from it
  std::string reason;  // why the driver does not compile under its small variant; "": it does
};

// Compiles the driver under the small variant, WORK/small.bc, of the SDK or of one
// derived from it, which may have to be made (half a minute; it says so).  `whole`: C types
// of which it has all fields.  Where one cannot be made the reason says why.  Errors:
// kCommandFailed when the compiler cannot be run.
Result<FittedSdk> FitSmallVariant(const Sdk& sdk, const Driver& driver,
                                  const std::set<std::string>& whole, unsigned jobs);

}  // namespace race::build
