// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "rcrate/rust_path.h"

namespace race::rcrate {
namespace {

TEST(RustPath, IsTheSameWhateverTheCratesHashIs) {
  const std::string path = "kernel::devres::base::devres_node_add";
  EXPECT_EQ(RustPath("_RNvNtNtCsl7L7n58I0Vr_6kernel6devres4base15devres_node_add"), path);
  EXPECT_EQ(RustPath("_RNvNtNtCs5_6kernel6devres4base15devres_node_add"), path);
  EXPECT_EQ(RustPath("_RNvNtNtC6kernel6devres4base15devres_node_add"), path);
}

TEST(RustPath, ReadsIdentifiersThatBeginWithADigitOrUnderscore) {
  EXPECT_EQ(RustPath("_RNvC6kernel3_1x"), std::nullopt);  // three bytes, two are there
  EXPECT_EQ(RustPath("_RNvC6kernel3__1x"), "kernel::_1x");
}

TEST(RustPath, IsNothingForAnythingButAFunctionOfAModule) {
  for (const char* symbol :
       {"", "_R", "_RN", "printk", "_ZN6kernel4main17h0123456789abcdefE",
        "_RNvMNtCsl7L7n58I0Vr_6kernel6devresINtB2_6DevresE4dropB4_",  // a method
        "_RINvNtC6kernel3mem4dropmE",                                 // a generic instance
        "_RNCNvC6kernel4main0B3_",                                    // a closure
        "_RNvC6kernel4mainC4core",                                    // something behind it
        "_RNvC6kernel5main",                                          // cut off
        "_RNvC99999999999999999999kernel4main", "_RNvCs_kernel", "_RNvC0_4main"})
    EXPECT_EQ(RustPath(symbol), std::nullopt) << symbol;
}

}  // namespace
}  // namespace race::rcrate
