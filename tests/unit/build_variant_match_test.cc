// SPDX-License-Identifier: GPL-2.0-only
#include "build/variant_match.h"
#include "build_ir.h"

namespace race::build {
namespace {

class VariantMatch : public testing::Test {
 protected:
  Result<MatchResult> Match(const std::string& first, const std::string& second) {
    views_ = {modules_.Parse(first), modules_.Parse(second)};
    return MatchModules(views_);
  }
  // The code of what was refused, and whether the message names the function.
  void ExpectRefused(const std::string& first, const std::string& second, Code code) {
    auto match = Match(first, second);
    ASSERT_FALSE(match);
    EXPECT_EQ(match.error().code, code) << match.error().message;
    EXPECT_NE(match.error().message.find('f'), std::string::npos);
  }
  Modules modules_;
  std::vector<llvm::Module*> views_;
};

TEST_F(VariantMatch, FindsNumbersThatDiffer) {
  auto text = [](const std::string& offset, const std::string& size) {
    return "declare void @copy(ptr, ptr, i64)\n"
           "define i64 @f(ptr %p) {\n"
           "  %a = getelementptr inbounds i8, ptr %p, i64 " +
           offset +
           "\n"
           "  %b = load i64, ptr %a, align 8\n"
           "  call void @copy(ptr %p, ptr %a, i64 " +
           size +
           ")\n"
           "  %c = add i64 %b, 5\n"
           "  ret i64 %c\n"
           "}\n";
  };
  auto match = Match(text("40", "-24"), text("1064", "512"));
  ASSERT_TRUE(match) << match.error().message;
  EXPECT_EQ(match->functions, 1u);
  EXPECT_EQ(match->instructions, 5u);
  ASSERT_EQ(match->sites.size(), 2u);
  EXPECT_EQ(match->sites[0].values, (std::vector<int64_t>{40, 1064}));
  EXPECT_EQ(match->sites[0].operand, 1u);
  EXPECT_EQ(match->sites[1].values, (std::vector<int64_t>{-24, 512}));
  EXPECT_TRUE(match->statics.empty());
}

TEST_F(VariantMatch, TakesStructTypesOfOneFormForTheSame) {
  auto text = [](const std::string& inner) {
    return "%In = type { i16, " + inner +
           " }\n"
           "%Own = type { i32, [2 x %In], ptr }\n"
           "define void @f(ptr %p, ptr %q) {\n"
           "  %a = load volatile %Own, ptr %p, align 8\n"
           "  store volatile %Own %a, ptr %q, align 8\n"
           "  store volatile %Own zeroinitializer, ptr %p, align 8\n"
           "  ret void\n"
           "}\n";
  };
  auto match = Match(text("i64"), text("i64"));
  ASSERT_TRUE(match) << match.error().message;
  EXPECT_TRUE(match->sites.empty());
  ExpectRefused(text("i64"), text("i32"), Code::kShapeDiffers);
  ExpectRefused(text("[8 x i8]"), text("[16 x i8]"), Code::kShapeDiffers);
}

TEST_F(VariantMatch, FindsSizesOfSlotsAndElements) {
  auto text = [](const std::string& size) {
    return "define ptr @f(ptr %p, i64 %i) {\n"
           "  %slot = alloca [" +
           size +
           " x i8], align 8\n"
           "  %a = getelementptr inbounds [" +
           size +
           " x i8], ptr %p, i64 %i\n"
           "  ret ptr %a\n"
           "}\n";
  };
  auto match = Match(text("24"), text("88"));
  ASSERT_TRUE(match) << match.error().message;
  ASSERT_EQ(match->sites.size(), 2u);
  EXPECT_EQ(match->sites[0].kind, SiteKind::kAllocaSize);
  EXPECT_EQ(match->sites[1].kind, SiteKind::kGepStride);
  EXPECT_EQ(match->sites[1].values, (std::vector<int64_t>{24, 88}));
}

TEST_F(VariantMatch, FindsNumbersWithinConstants) {
  auto text = [](const std::string& offset) {
    return "@table = external global [64 x i8]\n"
           "define ptr @f() {\n"
           "  ret ptr getelementptr (i8, ptr @table, i64 " +
           offset +
           ")\n"
           "}\n";
  };
  auto match = Match(text("8"), text("16"));
  ASSERT_TRUE(match) << match.error().message;
  ASSERT_EQ(match->sites.size(), 1u);
  EXPECT_EQ(match->sites[0].path, (std::vector<unsigned>{1}));
  EXPECT_EQ(match->sites[0].values, (std::vector<int64_t>{8, 16}));
}

TEST_F(VariantMatch, FindsStaticsThatDiffer) {
  auto text = [](const std::string& name, const std::string& value) {
    return "@" + name + " = private constant i64 " + value +
           "\n"
           "@same = private constant i64 1\n"
           "define i64 @f() {\n"
           "  %a = load i64, ptr @" +
           name +
           "\n"
           "  %b = load i64, ptr @same\n"
           "  ret i64 %a\n"
           "}\n";
  };
  auto match = Match(text("alloc_1", "24"), text("alloc_2", "32"));
  ASSERT_TRUE(match) << match.error().message;
  EXPECT_TRUE(match->sites.empty());
  ASSERT_EQ(match->statics.size(), 1u);
  EXPECT_EQ(match->statics[0][0]->getName(), "alloc_1");
  EXPECT_EQ(match->statics[0][1]->getName(), "alloc_2");
}

TEST_F(VariantMatch, RefusesAnotherInstruction) {
  ExpectRefused("define i64 @f(i64 %a) {\n  %b = add i64 %a, 8\n  ret i64 %b\n}\n",
                "define i64 @f(i64 %a) {\n  %b = shl i64 %a, 8\n  ret i64 %b\n}\n",
                Code::kShapeDiffers);
}

TEST_F(VariantMatch, RefusesAnotherComparison) {
  ExpectRefused("define i1 @f(i64 %a) {\n  %b = icmp ult i64 %a, 8\n  ret i1 %b\n}\n",
                "define i1 @f(i64 %a) {\n  %b = icmp ugt i64 %a, 8\n  ret i1 %b\n}\n",
                Code::kShapeDiffers);
}

TEST_F(VariantMatch, RefusesADecisionThatWasMade) {
  ExpectRefused("define i1 @f() {\n  ret i1 true\n}\n", "define i1 @f() {\n  ret i1 false\n}\n",
                Code::kShapeDiffers);
}

TEST_F(VariantMatch, RefusesMoreBlocks) {
  ExpectRefused("define void @f(i1 %a) {\n  br i1 %a, label %x, label %x\nx:\n  ret void\n}\n",
                "define void @f(i1 %a) {\n  br i1 %a, label %x, label %y\nx:\n  ret void\ny:\n"
                "  ret void\n}\n",
                Code::kShapeDiffers);
}

TEST_F(VariantMatch, RefusesAnotherCallee) {
  const std::string declared = "declare void @g()\ndeclare void @h()\n";
  ExpectRefused(declared + "define void @f() {\n  call void @g()\n  ret void\n}\n",
                declared + "define void @f() {\n  call void @h()\n  ret void\n}\n",
                Code::kShapeDiffers);
}

TEST_F(VariantMatch, RefusesAFunctionOfOneLayoutOnly) {
  ExpectRefused("define void @f() {\n  ret void\n}\n", "define void @other() {\n  ret void\n}\n",
                Code::kShapeDiffers);
}

TEST_F(VariantMatch, RefusesAnotherSignature) {
  ExpectRefused("define void @f(i64 %a) {\n  ret void\n}\n",
                "define void @f(ptr %a) {\n  ret void\n}\n", Code::kSignature);
}

TEST_F(VariantMatch, WeakensClaimsThatDiffer) {
  auto text = [](const std::string& bytes, const std::string& align) {
    return "define i64 @f(ptr dereferenceable(" + bytes +
           ") %p) {\n"
           "  %a = load i64, ptr %p, align " +
           align +
           "\n"
           "  ret i64 %a\n"
           "}\n";
  };
  auto match = Match(text("24", "16"), text("88", "8"));
  ASSERT_TRUE(match) << match.error().message;
  const llvm::Function* function = views_[0]->getFunction("f");
  EXPECT_EQ(function->getParamDereferenceableBytes(0), 0u);
  EXPECT_NE(Modules::Print(*views_[0]).find("align 8"), std::string::npos);
  EXPECT_EQ(Modules::Print(*views_[0]).find("align 16"), std::string::npos);
}

TEST_F(VariantMatch, DropsRangesThatDiffer) {
  auto text = [](const std::string& end) {
    const std::string range = "range(i32 0, " + end + ")";
    return "declare i32 @g(i32)\n"
           "define " +
           range + " i32 @f(i32 " + range +
           " %a, i32 range(i32 0, 3) %b) {\n"
           "  %c = call " +
           range + " i32 @g(i32 " + range + " %a)\n  ret i32 %c\n}\n";
  };
  auto match = Match(text("5"), text("900"));
  ASSERT_TRUE(match) << match.error().message;
  const llvm::Function* function = views_[0]->getFunction("f");
  const auto& call = llvm::cast<llvm::CallBase>(function->front().front());
  for (const llvm::AttributeList& list : {function->getAttributes(), call.getAttributes()}) {
    EXPECT_FALSE(list.hasRetAttr(llvm::Attribute::Range));
    EXPECT_FALSE(list.hasParamAttr(0, llvm::Attribute::Range));
  }
  EXPECT_TRUE(function->hasParamAttribute(1, llvm::Attribute::Range));
}

// LLVM knows a place for a result as an object of that size.
TEST_F(VariantMatch, SaysNoSizeOfResults) {
  auto text = [](const std::string& size) {
    const std::string place = "ptr sret([" + size + " x i8]) align 8 %r";
    return "define void @f(" + place +
           ") {\n  ret void\n}\ndefine void @g(ptr %r) {\n  call void @f(" + place +
           ")\n  ret void\n}\n";
  };
  auto match = Match(text("24"), text("88"));
  ASSERT_TRUE(match) << match.error().message;
  EXPECT_FALSE(views_[0]->getFunction("f")->hasStructRetAttr());
  const auto& call = llvm::cast<llvm::CallBase>(views_[0]->getFunction("g")->front().front());
  EXPECT_FALSE(call.hasStructRetAttr());
  EXPECT_TRUE(call.getParamAlign(0).has_value());
}

TEST_F(VariantMatch, KeepsWhereResultsOfOneSizeGo) {
  const std::string text = "define void @f(ptr sret([24 x i8]) align 8 %r) {\n  ret void\n}\n";
  ASSERT_TRUE(Match(text, text));
  EXPECT_TRUE(views_[0]->getFunction("f")->hasStructRetAttr());
}

TEST_F(VariantMatch, RefusesAnotherSizeOnTheStack) {
  auto text = [](const std::string& size) {
    return "define void @f(ptr byval([" + size + " x i8]) align 8 %r) {\n  ret void\n}\n";
  };
  EXPECT_TRUE(Match(text("24"), text("24")));
  ExpectRefused(text("24"), text("88"), Code::kSignature);
}

TEST_F(VariantMatch, WeakensClaimsOfDeclarations) {
  auto text = [](const std::string& bytes) {
    return "declare dereferenceable(" + bytes + ") ptr @g(ptr dereferenceable(" + bytes +
           "))\n"
           "define void @f(ptr %p) {\n  %a = call ptr @g(ptr %p)\n  ret void\n}\n";
  };
  auto match = Match(text("24"), text("88"));
  ASSERT_TRUE(match) << match.error().message;
  const llvm::Function* function = views_[0]->getFunction("g");
  EXPECT_EQ(function->getParamDereferenceableBytes(0), 0u);
  EXPECT_EQ(function->getAttributes().getRetDereferenceableBytes(), 0u);
}

TEST_F(VariantMatch, RefusesOtherAssembly) {
  auto text = [](const std::string& number) {
    return "module asm \"off: .quad " + number + "\"\n";
  };
  EXPECT_TRUE(Match(text("24"), text("24")));
  ExpectRefused(text("24"), text("88"), Code::kShapeDiffers);
  ExpectRefused(text("24"), "", Code::kShapeDiffers);
  auto inside = [](const std::string& number) {
    return "define void @f() {\n  call void asm sideeffect \"mov $$" + number +
           ", %rax\", \"\"()\n  ret void\n}\n";
  };
  EXPECT_TRUE(Match(inside("24"), inside("24")));
  ExpectRefused(inside("24"), inside("88"), Code::kShapeDiffers);
}

TEST_F(VariantMatch, RefusesStaticsOfAnotherSection) {
  auto text = [](const std::string& section) {
    return "@first = constant i64 1, section \"" + section + "\"\n";
  };
  EXPECT_TRUE(Match(text(".a"), text(".a")));
  ExpectRefused(text(".a"), text(".b"), Code::kShapeDiffers);
}

// Where something can be built all the same, the last line would be wrong.
TEST_F(VariantMatch, GivesAdviceThatCanBeLeftOut) {
  auto match = Match("define i64 @f(i64 %a) {\n  %b = add i64 %a, 1\n  ret i64 %b\n}\n",
                     "define i64 @f(i64 %a) {\n  %b = sub i64 %a, 1\n  ret i64 %b\n}\n");
  ASSERT_FALSE(match);
  const std::string& message = match.error().message;
  EXPECT_TRUE(message.ends_with(kShapeAdvice)) << message;
  EXPECT_EQ(WithoutAdvice(message) + kShapeAdvice, message);
  EXPECT_EQ(WithoutAdvice("a.rs:1: other"), "a.rs:1: other");
}

}  // namespace
}  // namespace race::build
