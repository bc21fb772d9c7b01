// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/sdk_frozen.h"

namespace race::build {
namespace {

const char* const kBindings =
    "#[repr(C)]\n#[derive(Debug)]\npub struct nlattr {\n    pub nla_len: u16_,\n"
    "    pub nla_type: u16_,\n}\n"
    "#[repr(C)]\npub struct device_id {\n    pub vendor: u32_,\n}\n"
    "#[repr(C)]\npub struct other {\n    pub value: u32_,\n}\n";

std::map<std::string, std::string> Of(const std::string& messages) {
  return TypesThatMustStay(ParseBindings(kBindings), messages);
}

TEST(SdkFrozen, TypesOfLiteralsAreNamedByTheError) {
  const auto types = Of(
      "error[E0063]: missing field `__race_pad_1_0` in initializer of `bindings_raw::device_id`\n"
      "  --> a.rs:1:2\n"
      "error[E0063]: missing fields in initializer of `the_drivers_own`\n");
  EXPECT_EQ(types, (std::map<std::string, std::string>{
                       {"device_id", "written as a literal with all its fields"}}));
}

// As rustc prints it: the source's line is what names the type.
TEST(SdkFrozen, TypesOfConstantsAreNamedByTheSource) {
  const auto types =
      Of("error[E0080]: attempt to compute `65535_usize - 82952_usize`, which would overflow\n"
         "  --> rust/kernel/net/netlink.rs:93:40\n"
         "   |\n"
         "93 |   const MAX: usize = u16_as_usize(u16::MAX) - size_of::<bindings::nlattr>();\n"
         "   |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^ evaluation of `MAX` failed here\n"
         "\n"
         "note: erroneous constant encountered\n"
         "98 |         if len > MAX + size_of::<bindings::other>() {\n");
  EXPECT_EQ(types, (std::map<std::string, std::string>{
                       {"nlattr", "its size is in a constant that rustc checks"}}));
}

TEST(SdkFrozen, OtherErrorsNameNone) {
  EXPECT_TRUE(Of("error[E0308]: mismatched types\n"
                 "93 |   let x: u8 = size_of::<bindings::nlattr>();\n"
                 "error[E0080]: evaluation panicked\n"
                 "93 |   const { assert!(size_of::<Own>() == 8) }\n"
                 "error[E0308]: mismatched types\n"
                 "94 |   let y: u8 = size_of::<bindings::other>();\n"
                 "error: aborting\n")
                  .empty());
}

}  // namespace
}  // namespace race::build
