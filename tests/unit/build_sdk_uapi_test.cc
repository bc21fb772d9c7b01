// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "build/sdk_uapi.h"

namespace race::build {
namespace {

TEST(SdkUapi, TypesForUsersAreThoseOfTheirHeaders) {
  const std::set<std::string> names = TypesForUsers(
      "# 1 \"/k/include/linux/fs.h\"\n"
      "struct file {\n int a;\n"
      "# 1 \"/k/include/uapi/linux/x.h\" 1\n"
      "struct x { struct { int b; } c; struct y *d; };\n"
      "struct __attribute__((packed)) p { int e; };\n"
      "typedef struct { int f; } t;\n"
      "union u { int g; };\n"
      "static inline void h(struct z *i) { struct w { int j; } k; }\n"
      "# 3 \"/k/include/linux/fs.h\" 2\n"
      "};\n"
      "# 1 \"./arch/x86/include/generated/uapi/asm/y.h\" 1\n"
      "# 1 \"./include/generated/uapi/linux/v.h\" 1\n"
      "struct v { int l; };\n");
  for (const char* name : {"x", "p", "t", "u", "v"}) EXPECT_EQ(names.count(name), 1u) << name;
  for (const char* name : {"file", "y", "z", "c"}) EXPECT_EQ(names.count(name), 0u) << name;
}

constexpr const char* kFile =
    "#[repr(C)]\n#[derive(MaybeZeroable)]\npub struct file {\n    pub a: u64,\n    pub b: x,\n}\n";
constexpr const char* kOwn = "#[repr(C)]\npub struct own {\n    pub a: u32,\n}\n";
constexpr const char* kX = "#[repr(C)]\npub struct x {\n    pub c: u64,\n}\n";

TEST(SdkUapi, TypesOfTheBindingsAreTheirs) {
  const std::string file_impls =
      "impl Default for file {\n    fn default() -> Self {\n        a()\n    }\n}\n"
      "impl file {\n    pub fn a_bit(&self) {}\n}\nunsafe impl Zeroable for file {}\n";
  const std::string x_impl = "impl x {\n    pub fn c_bit(&self) {}\n}\n";
  const std::string later = "#[repr(C)]\npub struct later {\n    _unused: [u8; 0],\n}\n";
  const std::string call = "unsafe extern \"C\" {\n    pub fn f(a: *mut file, b: *mut x);\n}\n";
  const Bindings bindings = ParseBindings(std::string(kX) + kFile);
  const Bindings uapi =
      ParseBindings(std::string(kOwn) + kX + x_impl + kFile + file_impls + later + call);
  const UapiTypes exact = ExactUapiTypes(uapi, bindings, {"x"});
  EXPECT_EQ(exact, (UapiTypes{{"own", "other"}, {"x", "user"}}));

  const std::string text = RewriteUapi(uapi, exact);
  // Each line is where it was.
  const std::string blank(std::count(kFile, kFile + strlen(kFile), '\n') - 1 +
                              std::count(file_impls.begin(), file_impls.end(), '\n'),
                          '\n');
  EXPECT_EQ(text, kOwn + std::string(kX) + x_impl + "pub type file = ::bindings::file;\n" + blank +
                      later + call);
}

}  // namespace
}  // namespace race::build
