// SPDX-License-Identifier: GPL-2.0-only
#include "build/print_rewrite.h"
#include "build_ir.h"

namespace race::build {
namespace {

class PrintRewrite : public testing::Test {
 protected:
  Result<size_t> Rewrite(const std::string& text) {
    module_ = modules_.Parse(text);
    return RewritePrinting(module_);
  }
  std::string Text() const { return Modules::Print(*module_); }
  Modules modules_;
  llvm::Module* module_ = nullptr;
};

TEST_F(PrintRewrite, FormatsInTheDriverAndHandsOverAString) {
  auto count = Rewrite(R"(
@format = private constant [11 x i8] c"\016%s: %pA\00\00"
declare i32 @_printk(ptr, ...)
define void @say(ptr %name, ptr %arguments) {
  %1 = call i32 (ptr, ...) @_printk(ptr @format, ptr %name, ptr %arguments)
  ret void
}
)");
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 1u);
  std::string text = Text();
  EXPECT_NE(text.find("c\"\\016%s: %s\\00\\00\\00\""), std::string::npos) << text;
  EXPECT_EQ(text.find("%pA"), std::string::npos) << text;
  EXPECT_NE(text.find("call i64 @race_shim_format("), std::string::npos) << text;
}

TEST_F(PrintRewrite, FollowsTheFormatThroughAParameter) {
  auto count = Rewrite(R"(
@info = private constant [11 x i8] c"\016%s: %pA\00\00"
@warn = private constant [11 x i8] c"\014%s: %pA\00\00"
declare i32 @_printk(ptr, ...)
define internal void @say(ptr %format, ptr %name, ptr %arguments) {
  %1 = call i32 (ptr, ...) @_printk(ptr %format, ptr %name, ptr %arguments)
  ret void
}
define void @both(ptr %name, ptr %arguments) {
  call void @say(ptr @info, ptr %name, ptr %arguments)
  call void @say(ptr @warn, ptr %name, ptr %arguments)
  ret void
}
)");
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(Text().find("%pA"), std::string::npos);
}

TEST_F(PrintRewrite, StreamsToASeqFile) {
  auto count = Rewrite(R"(
@format = private constant [4 x i8] c"%pA\00"
declare void @seq_printf(ptr, ptr, ...)
define void @show(ptr %m, ptr %arguments) {
  call void (ptr, ptr, ...) @seq_printf(ptr %m, ptr @format, ptr %arguments)
  ret void
}
)");
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 1u);
  EXPECT_NE(Text().find("call void @race_shim_seq_write(ptr %m, ptr %arguments)"),
            std::string::npos);
}

TEST_F(PrintRewrite, LeavesOtherFormatsAlone) {
  const std::string call = R"(
@format = private constant [4 x i8] c"%d\0A\00"
declare i32 @_printk(ptr, ...)
define void @say(i32 %n) {
  %1 = call i32 (ptr, ...) @_printk(ptr @format, i32 %n)
  ret void
}
)";
  auto count = Rewrite(call);
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 0u);
  EXPECT_EQ(Text().find("race_shim"), std::string::npos);
}

TEST_F(PrintRewrite, RefusesAFormatThatIsNotConstant) {
  auto count = Rewrite(R"(
declare i32 @_printk(ptr, ...)
define void @say(ptr %format, ptr %arguments) {
  %1 = load ptr, ptr %format
  %2 = call i32 (ptr, ...) @_printk(ptr %1, ptr %arguments)
  ret void
}
)");
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, Code::kPrintFormat);
  EXPECT_NE(count.error().message.find("say"), std::string::npos);
  EXPECT_NE(count.error().message.find("_printk"), std::string::npos);
}

TEST_F(PrintRewrite, RefusesTwoArgumentsInOneFormat) {
  auto count = Rewrite(R"(
@format = private constant [8 x i8] c"%pA %pA\00"
declare i32 @_printk(ptr, ...)
define void @say(ptr %a, ptr %b) {
  %1 = call i32 (ptr, ...) @_printk(ptr @format, ptr %a, ptr %b)
  ret void
}
)");
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, Code::kPrintFormat);
}

TEST_F(PrintRewrite, RefusesMoreThanTheArgumentsInASeqFile) {
  auto count = Rewrite(R"(
@format = private constant [6 x i8] c"x %pA\00"
declare void @seq_printf(ptr, ptr, ...)
define void @show(ptr %m, ptr %arguments) {
  call void (ptr, ptr, ...) @seq_printf(ptr %m, ptr @format, ptr %arguments)
  ret void
}
)");
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, Code::kPrintFormat);
}

}  // namespace
}  // namespace race::build
