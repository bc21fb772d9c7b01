// SPDX-License-Identifier: GPL-2.0-only
//
// What a target must have: each contract that does not hold is refused, with its
// code and the driver's source line.
#include <gtest/gtest.h>

#include "rcrate_sample.h"
#include "resolve/contract_resolution.h"
#include "resolve/pipeline.h"

namespace race::resolve {
namespace {

using steg::Builder;

class ContractTest : public testing::Test {
 protected:
  // The only problem that the target has; its message names the source line.
  Error Only(const kernel::Target& target, const std::string& source) {
    Resolution resolution = ResolveContracts(driver_.File(), target);
    EXPECT_EQ(resolution.problems.size(), 1u);
    for (size_t i = 1; i < resolution.problems.size(); ++i)
      ADD_FAILURE() << resolution.problems[i].error.Text();
    if (resolution.problems.empty()) return {Code::kUsage, ""};
    const Problem& problem = resolution.problems[0];
    EXPECT_EQ(problem.source, source);
    EXPECT_EQ(problem.error.message.rfind(source, 0), 0u) << problem.error.message;

    // And nothing is made of it.
    auto module = Resolve(driver_.File(), target, {.role = Role::kUnvalidated}, nullptr);
    EXPECT_FALSE(module);
    if (!module) {
      EXPECT_EQ(module.error().code, problem.error.code);
    }
    return problem.error;
  }
  Code CodeOf(const std::string& source) { return Only(target_.Make(), source).code; }

  SampleRcrate driver_;
  SampleTarget target_;
};

void Fits(const SampleRcrate& driver, const kernel::Target& target) {
  Resolution resolution = ResolveContracts(driver.File(), target);
  for (const Problem& problem : resolution.problems) ADD_FAILURE() << problem.error.Text();
}

TEST_F(ContractTest, GivesTheTargetsNumbers) {
  Resolution resolution = ResolveContracts(driver_.File(), target_.Make());
  for (const Problem& problem : resolution.problems) ADD_FAILURE() << problem.error.Text();
  EXPECT_EQ(resolution.values, (rcrate::ContractValues{56, 88, 0, 0, 7, 0}));
  EXPECT_TRUE(resolution.depends.empty());
}

TEST_F(ContractTest, RefusesATypeThatIsMissing) {
  driver_.rcrate.contracts[0].root = "struct gone";
  EXPECT_EQ(CodeOf("driver.rs:10"), Code::kTypeMissing);
}

TEST_F(ContractTest, RefusesATypeThatIsOnlyDeclared) {
  driver_.rcrate.contracts[0].root = "struct opaque";
  const auto& target = target_.Make([](SampleTypes* types) {
    types->Function("misc_register", types->register_proto);
    types->build.Declared("opaque");
  });
  EXPECT_EQ(Only(target, "driver.rs:10").code, Code::kTypeMissing);
}

TEST_F(ContractTest, RefusesAFieldThatIsMissing) {
  driver_.rcrate.contracts[0].path = "gone";
  Error error = Only(target_.Make(), "driver.rs:10");
  EXPECT_EQ(error.code, Code::kFieldMissing);
  EXPECT_NE(error.message.find("has no gone"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("void *"), std::string::npos) << error.message;
}

TEST_F(ContractTest, RefusesAFieldOfAnotherType) {
  driver_.rcrate.contracts[0].path = "f_mode";
  Error error = Only(target_.Make(), "driver.rs:10");
  EXPECT_EQ(error.code, Code::kFieldType);
  EXPECT_NE(error.message.find("expected type void *"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("int"), std::string::npos) << error.message;
}

TEST_F(ContractTest, RefusesAFieldOfAnotherSize) {
  driver_.rcrate.contracts[0].root = "struct sized";
  driver_.rcrate.contracts[0].path = "count";
  driver_.rcrate.contracts[0].type = steg::Index(driver_.types.build.Int("unsigned long", 8));
  const auto& target = target_.Make([](SampleTypes* types) {
    types->Function("misc_register", types->register_proto);
    types->build.Struct("sized", 16, {Builder::At(8, "count", types->build.Int("unsigned", 4))});
  });
  EXPECT_EQ(Only(target, "driver.rs:10").code, Code::kFieldType);
}

TEST_F(ContractTest, RefusesABitField) {
  driver_.rcrate.contracts[0].root = "struct flags";
  driver_.rcrate.contracts[0].path = "bit";
  driver_.rcrate.contracts[0].type = steg::Index(driver_.types.type_int);
  const auto& target = target_.Make([](SampleTypes* types) {
    types->Function("misc_register", types->register_proto);
    steg::Edge bit = Builder::At(8, "bit", types->type_int);
    bit.bits = 1;
    types->build.Struct("flags", 16, {bit});
  });
  EXPECT_EQ(Only(target, "driver.rs:10").code, Code::kFieldBitfield);
}

// Members of one union, to the code: which of them it uses no number says.
TEST_F(ContractTest, RefusesMembersThatDoNotShareTheirPlace) {
  rcrate::Contract& one = driver_.rcrate.contracts[0];
  one.root = "struct shared";
  one.path = "one";
  one.type = steg::Index(driver_.types.type_int);
  one.unit = 1;
  one.low = 0;
  rcrate::Contract other = one;
  other.path = "other";
  other.source = "driver.rs:11";
  driver_.rcrate.Add(other);
  auto with_other_at = [](SampleTarget* target, uint64_t at) -> const kernel::Target& {
    return target->Make([&](SampleTypes* types) {
      types->Function("misc_register", types->register_proto);
      types->build.Struct(
          "shared", 88,
          {Builder::At(56, "one", types->type_int), Builder::At(at, "other", types->type_int)});
    });
  };
  SampleTarget together;
  Fits(driver_, with_other_at(&together, 56));
  const kernel::Target& apart = with_other_at(&target_, 60);
  Error error = Only(apart, "driver.rs:11");
  EXPECT_EQ(error.code, Code::kBitfieldUnit);
  EXPECT_NE(error.message.find("at the same place as one"), std::string::npos) << error.message;
  driver_.rcrate.contracts.back().unit = 2;
  Fits(driver_, apart);
}

TEST_F(ContractTest, RefusesAnAlignmentThatCannotBe) {
  // Members demand more than the driver was compiled for.
  driver_.rcrate.contracts[0].align = 4;
  EXPECT_EQ(CodeOf("driver.rs:10"), Code::kAlignment);
}

TEST_F(ContractTest, RefusesAnAlignmentThatTheSizeIsNoMultipleOf) {
  driver_.rcrate.contracts[1].align = 64;
  EXPECT_EQ(CodeOf("driver.rs:20"), Code::kAlignment);
}

TEST_F(ContractTest, TakesAnAlignmentThatMembersDoNotShow) {
  target_.types.miscdevice_size = 128;
  driver_.rcrate.contracts[1].align = 64;
  Fits(driver_, target_.Make());
}

TEST_F(ContractTest, RefusesAValueThatNoVariantHad) {
  driver_.rcrate.contracts[0].high = 55;
  EXPECT_EQ(CodeOf("driver.rs:10"), Code::kOutOfRange);
}

TEST_F(ContractTest, RefusesASizeThatNoVariantHad) {
  driver_.rcrate.contracts[1].low = 89;
  EXPECT_EQ(CodeOf("driver.rs:20"), Code::kOutOfRange);
}

TEST_F(ContractTest, TakesTheEndsOfTheRange) {
  driver_.rcrate.contracts[0].low = driver_.rcrate.contracts[0].high = 56;
  Fits(driver_, target_.Make());
}

TEST_F(ContractTest, ComparesEnumeratorsAsSignedNumbers) {
  driver_.rcrate.contracts[4].low = static_cast<uint64_t>(-1);
  driver_.rcrate.rooms.clear();
  target_.types.io_bit = static_cast<uint64_t>(-1);
  Fits(driver_, target_.Make());
}

TEST_F(ContractTest, RefusesARoomThatIsTooSmall) {
  driver_.rcrate.rooms[0].bound = 135;  // up(88, 16) + 40 = 136
  Error error = Only(target_.Make(), "driver.rs:30");
  EXPECT_EQ(error.code, Code::kRoomExceeded);
  EXPECT_NE(error.message.find("136"), std::string::npos) << error.message;
}

TEST_F(ContractTest, TakesARoomThatIsJustFilled) {
  driver_.rcrate.rooms[0].bound = 136;
  Fits(driver_, target_.Make());
}

TEST_F(ContractTest, RefusesAFrozenTypeThatChanged) {
  driver_.types.build.graph.Mutable(driver_.types.message).size = 8;
  EXPECT_EQ(CodeOf("driver.rs:23"), Code::kFrozenLayout);
}

TEST_F(ContractTest, RefusesAnEnumeratorThatIsMissing) {
  driver_.rcrate.contracts[4].path = "___GFP_GONE_BIT";
  EXPECT_EQ(CodeOf("driver.rs:22"), Code::kEnumeratorMissing);
}

TEST_F(ContractTest, RefusesAnEnumeratorOfTwoValues) {
  const auto& target = target_.Make([](SampleTypes* types) {
    types->Function("misc_register", types->register_proto);
    types->build.Enum("other", 4, {{"___GFP_IO_BIT", 8}});
  });
  EXPECT_EQ(Only(target, "driver.rs:22").code, Code::kTypeAmbiguous);
}

TEST_F(ContractTest, TakesAnEnumeratorOfTheNamedEnumOnly) {
  driver_.rcrate.contracts[4].root = "enum mine";
  const auto& target = target_.Make([](SampleTypes* types) {
    types->Function("misc_register", types->register_proto);
    types->build.Enum("mine", 4, {{"___GFP_IO_BIT", 9}});
  });
  Resolution resolution = ResolveContracts(driver_.File(), target);
  EXPECT_TRUE(resolution.problems.empty());
  EXPECT_EQ(resolution.values[4], 9);
}

TEST_F(ContractTest, RefusesTwoTypesThatBothFit) {
  const auto& target = target_.Make([](SampleTypes* types) {
    types->Function("misc_register", types->register_proto);
    types->build.Struct("file", 64, {Builder::At(32, "private_data", types->pointer)});
  });
  EXPECT_EQ(Only(target, "driver.rs:10").code, Code::kTypeAmbiguous);
}

TEST_F(ContractTest, TakesTwoTypesOfOneLayout) {
  Fits(driver_, target_.Make([](SampleTypes* types) {
    types->Function("misc_register", types->register_proto);
    types->build.Struct("file", 184,
                        {Builder::At(4, "f_mode", types->type_int),
                         Builder::At(56, "private_data", types->pointer)});
  }));
}

// Each contract alone would hold, on one type or the other.
TEST_F(ContractTest, NeverMixesTwoTypesOfOneName) {
  rcrate::Contract second = driver_.rcrate.contracts[0];
  second.path = "f_flags";
  second.type = steg::Index(driver_.types.type_int);
  second.source = "driver.rs:11";
  driver_.rcrate.Add(second);
  const auto& target = target_.Make([](SampleTypes* types) {
    types->Function("misc_register", types->register_proto);
    types->build.Struct(
        "file", 64,
        {Builder::At(8, "f_flags", types->type_int), Builder::At(16, "f_end", types->pointer)});
  });
  Resolution resolution = ResolveContracts(driver_.File(), target);
  ASSERT_EQ(resolution.problems.size(), 1u);
  EXPECT_EQ(resolution.problems[0].error.code, Code::kFieldMissing);
}

TEST_F(ContractTest, ChoosesTheOneTypeThatFits) {
  Resolution resolution = ResolveContracts(driver_.File(), target_.Make([](SampleTypes* types) {
    types->Function("misc_register", types->register_proto);
    types->build.Struct("file", 64, {Builder::At(32, "another", types->pointer)});
  }));
  EXPECT_TRUE(resolution.problems.empty());
  EXPECT_EQ(resolution.values[0], 56);
}

TEST_F(ContractTest, RefusesAnImportThatIsMissing) {
  target_.target.exports.erase("misc_register");
  EXPECT_EQ(CodeOf("driver.rs:21"), Code::kImportMissing);
}

TEST_F(ContractTest, RefusesACompilersImportThatIsMissing) {
  target_.target.exports.erase("memcpy");
  EXPECT_EQ(CodeOf(""), Code::kImportMissing);
}

TEST_F(ContractTest, RefusesAnImportOfAnotherPrototype) {
  const auto& target = target_.Make([](SampleTypes* types) {
    types->Function("misc_register",
                    types->build.Proto(types->type_int,
                                       {types->build.Pointer(types->miscdevice), types->type_int}));
  });
  Error error = Only(target, "driver.rs:21");
  EXPECT_EQ(error.code, Code::kImportPrototype);
  EXPECT_NE(error.message.find("struct miscdevice *"), std::string::npos) << error.message;
}

TEST_F(ContractTest, RefusesAnImportWithTwoPrototypes) {
  const auto& target = target_.Make([](SampleTypes* types) {
    types->Function("misc_register", types->register_proto);
    types->Function("misc_register",
                    types->build.Proto(types->type_int, std::vector<steg::NodeId>{}));
  });
  EXPECT_EQ(Only(target, "driver.rs:21").code, Code::kImportPrototype);
}

TEST_F(ContractTest, RefusesAnImportThatTheTargetDoesNotDescribe) {
  EXPECT_EQ(Only(target_.Make([](SampleTypes*) {}), "driver.rs:21").code, Code::kImportPrototype);
}

TEST_F(ContractTest, RefusesGplImportsToOtherLicences) {
  for (auto& property : driver_.rcrate.manifest)
    if (property.key == "license") property.value = "Proprietary";
  EXPECT_EQ(CodeOf("driver.rs:21"), Code::kImportGpl);
}

TEST_F(ContractTest, TakesImportsForAllUnderOtherLicences) {
  for (auto& property : driver_.rcrate.manifest)
    if (property.key == "license") property.value = "Proprietary";
  target_.target.exports["misc_register"].gpl_only = false;
  Fits(driver_, target_.Make());
}

TEST_F(ContractTest, RefusesANamespaceThatIsNotImported) {
  target_.target.exports["misc_register"].symbol_namespace = "MISC";
  EXPECT_EQ(CodeOf("driver.rs:21"), Code::kImportNamespace);
}

TEST_F(ContractTest, TakesANamespaceThatIsImported) {
  target_.target.exports["misc_register"].symbol_namespace = "MISC";
  driver_.rcrate.manifest.push_back({"import_ns", "MISC"});
  Fits(driver_, target_.Make());
}

TEST_F(ContractTest, RefusesAnExportForOtherModules) {
  target_.target.exports["misc_register"].symbol_namespace = "module:kvm,kvm-*";
  driver_.rcrate.manifest.push_back({"import_ns", "module:kvm,kvm-*"});
  EXPECT_EQ(CodeOf("driver.rs:21"), Code::kImportNamespace);
}

TEST_F(ContractTest, TakesAnExportForThisModule) {
  target_.target.exports["misc_register"].symbol_namespace = "module:kvm,samp*";
  Fits(driver_, target_.Make());
}

TEST_F(ContractTest, DependsOnTheModuleThatExports) {
  target_.target.exports["misc_register"].module = "miscmod";
  Resolution resolution = ResolveContracts(driver_.File(), target_.Make());
  EXPECT_TRUE(resolution.problems.empty());
  EXPECT_EQ(resolution.depends, (std::set<std::string>{"miscmod"}));
}

rcrate::Contract ConfigContract(const std::string& option, const std::string& value) {
  rcrate::Contract config;
  config.kind = RACE_CONTRACT_CONFIG;
  config.root = option;
  config.path = value;
  config.source = "driver.rs:40";
  return config;
}

TEST_F(ContractTest, ComparesConfigFacts) {
  driver_.rcrate.Add(ConfigContract("CONFIG_NUMA", "n"));
  target_.target.config = "CONFIG_RUST=y\n# CONFIG_NUMA is not set\n";
  Fits(driver_, target_.Make());
  SampleTarget numa;
  numa.target.config = "CONFIG_NUMA=y\n";
  EXPECT_EQ(Only(numa.Make(), "driver.rs:40").code, Code::kConfig);
  SampleTarget unknown;
  EXPECT_EQ(Only(unknown.Make(), "driver.rs:40").code, Code::kConfig);
}

TEST_F(ContractTest, AConfigFactMayBeOneOfSeveral) {
  driver_.rcrate.Add(ConfigContract("CONFIG_USB", "y|m"));
  for (const char* fits : {"CONFIG_USB=y\n", "CONFIG_USB=m\n"}) {
    SampleTarget target;
    target.target.config = fits;
    Fits(driver_, target.Make());
  }
  for (const char* other : {"CONFIG_USB=ym\n", "# CONFIG_USB is not set\n", ""}) {
    SampleTarget target;
    target.target.config = other;
    EXPECT_EQ(Only(target.Make(), "driver.rs:40").code, Code::kConfig) << other;
  }
}

TEST_F(ContractTest, TheProcessorTellsSomeConfigFacts) {
  driver_.rcrate.Add(ConfigContract("CONFIG_64BIT", "y|m"));
  SampleTarget unknown;
  Fits(driver_, unknown.Make());
}

TEST_F(ContractTest, AKernelShowsSomeConfigFacts) {
  driver_.rcrate.Add(ConfigContract("CONFIG_PREEMPT_RT", "n"));
  SampleTarget shown;
  Fits(driver_, shown.Make());
  SampleTarget realtime;
  realtime.target.vermagic = "9.8.7 SMP preempt_rt mod_unload ";
  const Error refused = Only(realtime.Make(), "driver.rs:40");
  EXPECT_EQ(refused.code, Code::kConfig);
  EXPECT_NE(refused.message.find("built with CONFIG_PREEMPT_RT=y"), std::string::npos);
}

TEST_F(ContractTest, RefusesAnotherMachine) {
  target_.target.machine = EM_AARCH64;
  auto module = Resolve(driver_.File(), target_.Make(), {.role = Role::kUnvalidated}, nullptr);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().code, Code::kBadMachine);
}

TEST_F(ContractTest, SaysAllProblemsAtOnce) {
  driver_.rcrate.contracts[0].path = "gone";
  driver_.rcrate.contracts[1].high = 87;
  target_.target.exports.erase("misc_register");
  CheckReport report = Check(driver_.File(), target_.Make(), nullptr);
  ASSERT_EQ(report.problems.size(), 3u);
  EXPECT_EQ(report.problems[0].error.code, Code::kFieldMissing);
  EXPECT_EQ(report.problems[1].error.code, Code::kOutOfRange);
  EXPECT_EQ(report.problems[2].error.code, Code::kImportMissing);
  std::string text = Join(report.problems).Text();
  for (const char* code : {"RACE-E0403: ", "\nRACE-E0407: ", "\nRACE-E0411: "})
    EXPECT_NE(text.find(code), std::string::npos) << text;
}

}  // namespace
}  // namespace race::resolve
