// SPDX-License-Identifier: GPL-2.0-only
#include "build/static_image.h"
#include "build_ir.h"

namespace race::build {
namespace {

class StaticImageTest : public testing::Test {
 protected:
  Result<StaticImage> Read(const std::string& text) {
    module_ = modules_.Parse("target datalayout = \"e-m:e-p:64:64-i64:64\"\n" + text);
    return ReadStatic(*module_->getGlobalVariable("s", true));
  }
  Modules modules_;
  llvm::Module* module_ = nullptr;
};

TEST_F(StaticImageTest, BytesOfNumbersStringsAndGaps) {
  auto image = Read(
      "@s = constant { i8, i32, [2 x i16], [3 x i8] } "
      "{ i8 1, i32 305419896, [2 x i16] [i16 -1, i16 2], [3 x i8] c\"abc\" }");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->bytes, std::string("\1\0\0\0\x78\x56\x34\x12\xff\xff\2\0abc\0", 16));
  EXPECT_TRUE(image->addresses.empty());
}

TEST_F(StaticImageTest, AddressesWithAddends) {
  auto image = Read(
      "@t = global [4 x i64] zeroinitializer\n"
      "declare void @f()\n"
      "@s = constant { i64, ptr, ptr, ptr } { i64 7, ptr @f, ptr null, "
      "ptr getelementptr (i8, ptr @t, i64 24) }");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->bytes.size(), 32u);
  EXPECT_EQ(image->bytes[0], 7);
  ASSERT_EQ(image->addresses.size(), 2u);
  EXPECT_EQ(image->addresses[0].offset, 8u);
  EXPECT_EQ(image->addresses[0].target, module_->getFunction("f"));
  EXPECT_EQ(image->addresses[1].offset, 24u);
  EXPECT_EQ(image->addresses[1].target, module_->getGlobalVariable("t"));
  EXPECT_EQ(image->addresses[1].addend, 24);
}

TEST_F(StaticImageTest, ADanglingPointerIsANumber) {
  auto image = Read("@s = constant ptr inttoptr (i64 8 to ptr)");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->bytes, std::string("\10\0\0\0\0\0\0\0", 8));
}

TEST_F(StaticImageTest, RefusesWhatIsNeither) {
  auto image = Read(
      "@t = global i8 0\n"
      "@s = constant i64 sub (i64 0, i64 ptrtoint (ptr @t to i64))");
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Code::kUnsupported);
}

}  // namespace
}  // namespace race::build
