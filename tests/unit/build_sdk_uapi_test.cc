// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

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

TEST(SdkUapi, OnlyTypesOfTheBindingsMove) {
  const Bindings bindings = ParseBindings(std::string(kX) + kFile);
  const Bindings uapi = ParseBindings(std::string(kOwn) + kX + kFile +
                                      "#[repr(C)]\npub struct later {\n    _unused: [u8; 0],\n}\n");
  const UapiTypes exact = ExactUapiTypes(uapi, bindings, {"x"});
  EXPECT_EQ(exact, (UapiTypes{{"own", "other"}, {"x", "user"}}));

  LayoutEngine engine(bindings);
  for (const Aggregate& aggregate : bindings.aggregates) {
    engine.Unit(aggregate);
    Padding padding;
    padding.before.assign(aggregate.fields.size() + 1, 5);
    engine.Set(aggregate, padding);
  }
  const std::string text = RewriteUapi(uapi, engine, exact);
  const size_t file = text.find("pub struct file"), x = text.find("pub struct x");
  ASSERT_NE(file, text.npos);
  EXPECT_LT(file, text.find("__race_pad_"));
  EXPECT_EQ(text.substr(x, file - x).find("__race_pad_"), text.npos);
}

}  // namespace
}  // namespace race::build
