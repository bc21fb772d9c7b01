// SPDX-License-Identifier: GPL-2.0-only
#include "build/static_attributes.h"
#include "build_ir.h"

namespace race::build {
namespace {

struct StaticAttributes : testing::Test {
  // Of the static @s; "": it can be laid out.
  std::string Refused(const std::string& definition) {
    llvm::GlobalVariable* variable = modules.Parse(definition)->getGlobalVariable("s", true);
    Status checked = CheckShapedStatics({{variable, variable}});
    return checked ? ShapeSection(*variable, !variable->getInitializer()->isNullValue())
                   : checked.error().message;
  }
  Modules modules;
};

TEST_F(StaticAttributes, GoWhereTheLinkerPutsThem) {
  EXPECT_EQ(Refused("@s = internal constant i64 1"), ".rodata");
  EXPECT_EQ(Refused("@s = internal global i64 1"), ".data");
  EXPECT_EQ(Refused("@s = internal global i64 0"), ".bss");
  EXPECT_EQ(Refused("@s = internal constant i64 1, section \".rodata.mine\""), ".rodata");
  EXPECT_EQ(Refused("@s = internal global i64 0, section \".data.mine\""), ".bss");
  EXPECT_EQ(Refused("@s = internal constant i64 1, section \"__param\""), "__param");
}

TEST_F(StaticAttributes, RefuseSectionsOfAnotherMeaning) {
  for (const char* section :
       {".data..percpu", ".data..ro_after_init", ".init.data", ".mine", ".rodata", ".bss"})
    EXPECT_NE(Refused(std::string("@s = internal global i64 1, section \"") + section + "\"")
                  .find(std::string("in the section ") + section),
              std::string::npos);
  EXPECT_NE(Refused("@s = internal constant i64 1, section \".data\"").find("section"),
            std::string::npos);
}

TEST_F(StaticAttributes, RefuseNamesForOthersAndThreads) {
  EXPECT_NE(Refused("@s = global i64 1").find("name for others"), std::string::npos);
  EXPECT_NE(Refused("@s = internal thread_local global i64 1").find("thread"), std::string::npos);
}

}  // namespace
}  // namespace race::build
