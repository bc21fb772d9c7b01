// SPDX-License-Identifier: GPL-2.0-only
//
// A driver that needs functions and types of the target's modules.
#include <elf.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "kernel_module_builder.h"
#include "kernel_test_folder.h"
#include "rcrate_sample.h"
#include "resolve/checking_core.h"
#include "resolve/contract_resolution.h"
#include "resolve/pipeline.h"
#include "sample_btf.h"

namespace race::resolve {
namespace {

using kernel::TestModule;
using steg::Builder;

// A kernel for SampleRcrate, with a function that has a name in common with the
// module's.
std::string KernelBtf() {
  return SampleBtf("private_data", [](btf* object) {
    int pointer = btf__add_ptr(object, 0);
    btf__add_func(object, "helper_call", BTF_FUNC_STATIC, btf__add_func_proto(object, pointer));
  });
}

// A module's types: struct `type` with `value` at that byte, and `function`.
std::string ModuleBtf(const char* type, uint32_t value_at, const char* function = nullptr) {
  return kernel::SplitBtf(KernelBtf(), [&](btf* object) {
    int type_int = btf__find_by_name_kind(object, "int", BTF_KIND_INT);
    int made = btf__add_struct(object, type, 48);
    btf__add_field(object, "value", type_int, value_at * 8, 0);
    int pointer = btf__add_ptr(object, made);
    int proto = btf__add_func_proto(object, type_int);
    btf__add_func_param(object, "it", pointer);
    if (function) btf__add_func(object, function, BTF_FUNC_GLOBAL, proto);
  });
}

class NeededModulesTest : public testing::Test {
 protected:
  NeededModulesTest() {
    kernel_.exports = {{"misc_register", true}, {"memcpy", false}};
    kernel_.btf = KernelBtf();
    helper_ = {.exports = {{"helper_call", true, ""}},
               .depends = "helper-base",
               .btf = ModuleBtf("helper", 16, "helper_call"),
               .distilled_base = {}};
    base_ = {.exports = {{"base_call", false, ""}},
             .depends = "",
             .btf = ModuleBtf("helper_part", 24),
             .distilled_base = {}};
    Need();
  }

  // Contracts about the function and the type of `helper`.
  void Need() {
    Builder& build = driver_.types.build;
    steg::NodeId type = build.Struct("helper", 32, {Builder::At(8, "value", Int())});
    steg::NodeId proto = build.Proto(Int(), {build.Pointer(type)});
    call_ = driver_.rcrate.Add(rcrate::Contract{RACE_CONTRACT_FUNCTION, "helper_call", "",
                                                steg::Index(proto), 0, 0, 0, 0, "driver.rs:50"});
    field_ = Field("struct helper", "driver.rs:51");
  }
  rcrate::ContractId Field(const char* root, const char* source) {
    return driver_.rcrate.Add(rcrate::Contract{RACE_CONTRACT_FIELD, root, "value",
                                               steg::Index(Int()), 4, 8, 0, 400, source});
  }
  steg::NodeId Int() const { return driver_.types.type_int; }

  const kernel::Target& Target() {
    folder_.Write("vmlinux", kernel_.Vmlinux());
    folder_.Write("kernel/helper.ko", helper_.Bytes());
    folder_.Write("kernel/helper-base.ko", base_.Bytes());
    for (const auto& [name, module] : others_)
      folder_.Write("kernel/" + name + ".ko", module.Bytes());
    if (!spoiled_.empty()) folder_.Write("kernel/helper.ko", spoiled_);
    auto target = kernel::ReadTarget(folder_ / ".", nullptr);
    EXPECT_TRUE(target) << target.error().Text();
    target_ = target ? std::move(*target) : std::make_unique<kernel::Target>();
    return *target_;
  }
  Resolution Fits() {
    Resolution resolution = ResolveContracts(driver_.File(), Target());
    for (const Problem& problem : resolution.problems) ADD_FAILURE() << problem.error.Text();
    return resolution;
  }
  // Code of the driver that refers to the function.
  void Call(const char* name) {
    elf::Symbol symbol;
    symbol.name = name;
    symbol.binding = STB_GLOBAL;
    const elf::SymbolId id = driver_.object.Add(std::move(symbol));
    for (elf::Section& section : driver_.object.sections) {
      if (section.name != ".text") continue;
      section.relocations.push_back({section.bytes.size(), R_X86_64_PLT32, id, -4});
      section.bytes.append(4, '\0');
    }
  }
  // The problem that the line has, of those that there are.
  Error ProblemOf(const std::string& source) {
    Resolution resolution = ResolveContracts(driver_.File(), Target());
    auto found = std::find_if(resolution.problems.begin(), resolution.problems.end(),
                              [&](const Problem& problem) { return problem.source == source; });
    if (found != resolution.problems.end()) {
      EXPECT_FALSE(Resolve(driver_.File(), *target_, {.role = Role::kUnvalidated}, nullptr));
      return found->error;
    }
    return {Code::kUsage, "no problem with " + source};
  }
  static std::string Modinfo(const std::string& bytes, const std::string& key) {
    auto object = elf::ReadObject(bytes, "x.ko");
    const elf::Section* section = object ? object->Find(".modinfo") : nullptr;
    std::string text = section ? section->bytes : "";
    size_t at = text.find(key + "=");
    return at == std::string::npos ? "missing" : text.c_str() + at + key.size() + 1;
  }

  SampleRcrate driver_;
  rcrate::ContractId call_, field_;
  kernel::TestKernel kernel_;
  TestModule helper_, base_;
  std::map<std::string, TestModule> others_;
  std::string spoiled_;
  kernel::TestFolder folder_;
  std::unique_ptr<kernel::Target> target_;
};

TEST_F(NeededModulesTest, FindsFunctionAndTypeInTheModule) {
  Resolution resolution = Fits();
  EXPECT_EQ(resolution.values[rcrate::Index(field_)], 16);
  EXPECT_EQ(resolution.depends, std::set<std::string>{"helper"});
  EXPECT_TRUE(target_->added_modules.empty()) << "the target itself is as it was";
  EXPECT_FALSE(target_->exports.contains("helper_call"));
}

TEST_F(NeededModulesTest, NamesTheModuleInModinfo) {
  const kernel::Target& target = Target();
  auto module = Resolve(driver_.File(), target, {.role = Role::kUnvalidated}, nullptr);
  ASSERT_TRUE(module) << module.error().Text();
  EXPECT_EQ(module->depends, std::vector<std::string>{"helper"});
  EXPECT_EQ(Modinfo(module->bytes, "depends"), "helper");
}

TEST_F(NeededModulesTest, NormalisesNamesAndNamesEachOnce) {
  driver_.rcrate.Add(rcrate::Contract{RACE_CONTRACT_FUNCTION, "base_call", "", RACE_NO_TYPE, 0, 0,
                                      0, 0, "driver.rs:60"});
  auto module = Resolve(driver_.File(), Target(), {.role = Role::kUnvalidated}, nullptr);
  ASSERT_TRUE(module) << module.error().Text();
  EXPECT_EQ(Modinfo(module->bytes, "depends"), "helper,helper_base");
}

TEST_F(NeededModulesTest, ReadsNoModuleThatIsNotNeeded) {
  driver_ = SampleRcrate();
  spoiled_ = "damaged";
  EXPECT_TRUE(Fits().depends.empty());
}

TEST_F(NeededModulesTest, FindsTypesInWhatTheModuleDependsOn) {
  rcrate::ContractId part = Field("struct helper_part", "driver.rs:61");
  EXPECT_EQ(Fits().values[rcrate::Index(part)], 24);
  // Of a module that is not depended on, types say nothing.
  others_["stranger"] = {
      .exports = {}, .depends = {}, .btf = ModuleBtf("stranger_part", 8), .distilled_base = {}};
  Field("struct stranger_part", "driver.rs:62");
  Error error = ProblemOf("driver.rs:62");
  EXPECT_EQ(error.code, Code::kTypeMissing);
  EXPECT_NE(error.message.find("(helper, helper_base)"), std::string::npos) << error.message;
}

TEST_F(NeededModulesTest, RefusesTwoLayoutsOfOneName) {
  base_.btf = ModuleBtf("helper", 20);
  Error error = ProblemOf("driver.rs:51");
  EXPECT_EQ(error.code, Code::kTypeAmbiguous) << error.message;
  // The same type twice is one type.
  base_.btf = ModuleBtf("helper", 16);
  EXPECT_EQ(Fits().values[rcrate::Index(field_)], 16);
}

TEST_F(NeededModulesTest, RefusesALayoutThatTheKernelHasOtherwise) {
  helper_.btf = kernel::SplitBtf(KernelBtf(), [&](btf* object) {
    int type_int = btf__find_by_name_kind(object, "int", BTF_KIND_INT);
    int pointer = btf__add_ptr(object, 0);
    btf__add_struct(object, "file", 184);
    btf__add_field(object, "private_data", pointer, 64 * 8, 0);
    int helper = btf__add_struct(object, "helper", 48);
    btf__add_field(object, "value", type_int, 16 * 8, 0);
    int own = btf__add_ptr(object, helper);
    int proto = btf__add_func_proto(object, type_int);
    btf__add_func_param(object, "it", own);
    btf__add_func(object, "helper_call", BTF_FUNC_GLOBAL, proto);
  });
  EXPECT_EQ(ProblemOf("driver.rs:10").code, Code::kTypeAmbiguous);
}

TEST_F(NeededModulesTest, RefusesAFunctionOfAnotherPrototype) {
  helper_.btf = kernel::SplitBtf(KernelBtf(), [&](btf* object) {
    int type_int = btf__find_by_name_kind(object, "int", BTF_KIND_INT);
    btf__add_func(object, "helper_call", BTF_FUNC_GLOBAL, btf__add_func_proto(object, type_int));
  });
  EXPECT_EQ(ProblemOf("driver.rs:50").code, Code::kImportPrototype);
}

TEST_F(NeededModulesTest, RefusesAModuleThatIsMissing) {
  Target();
  folder_.Remove("kernel");
  auto reread = kernel::ReadTarget(folder_ / ".", nullptr);
  ASSERT_TRUE(reread) << reread.error().Text();
  Resolution resolution = ResolveContracts(driver_.File(), **reread);
  ASSERT_EQ(resolution.problems.size(), 2u);
  EXPECT_EQ(resolution.problems[0].error.code, Code::kTypeMissing);
  EXPECT_EQ(resolution.problems[1].error.code, Code::kImportMissing);
  EXPECT_NE(resolution.problems[1].error.message.find("modules of this target are not known"),
            std::string::npos)
      << resolution.problems[1].error.message;
}

TEST_F(NeededModulesTest, RefusesAModuleThatIsCutOff) {
  spoiled_ = helper_.Bytes().substr(0, 300);
  Error type = ProblemOf("driver.rs:51");
  EXPECT_EQ(type.code, Code::kTypeMissing);
  EXPECT_NE(type.message.find("a module that may have it"), std::string::npos) << type.message;
  Error error = ProblemOf("driver.rs:50");
  EXPECT_EQ(error.code, Code::kBadModule);
  EXPECT_NE(error.message.find("helper.ko"), std::string::npos) << error.message;
}

TEST_F(NeededModulesTest, SaysWhenAModuleHasNoTypes) {
  helper_.btf.clear();
  base_.btf.clear();
  Error type = ProblemOf("driver.rs:51");
  EXPECT_EQ(type.code, Code::kTypeMissing);
  EXPECT_NE(type.message.find("helper.ko: no BTF"), std::string::npos) << type.message;
  // The kernel's own function of that name is not taken for the module's.
  Error function = ProblemOf("driver.rs:50");
  EXPECT_EQ(function.code, Code::kImportPrototype);
  EXPECT_NE(function.message.find("helper.ko: no BTF"), std::string::npos) << function.message;
}

// What is not found is absent only if all was seen that may have it.
TEST_F(NeededModulesTest, DoesNotKnowWhatAModuleWithoutTypesHas) {
  const auto ask = [&](race_contract_kind kind, const char* root, const char* path,
                       const char* source) {
    driver_.rcrate.Add(rcrate::Contract{kind, root, path, RACE_NO_TYPE, 0, 0, 0, 1, source});
  };
  ask(RACE_CONTRACT_EXISTS_TYPE, "struct gone", "", "driver.rs:70");
  ask(RACE_CONTRACT_EXISTS_FIELD, "struct file", "gone", "driver.rs:71");
  ask(RACE_CONTRACT_EXISTS_ENUMERATOR, "", "GONE", "driver.rs:72");
  ask(RACE_CONTRACT_EXISTS_FIELD, "struct file", "private_data", "driver.rs:73");
  for (const char* source : {"driver.rs:70", "driver.rs:71", "driver.rs:72"})
    EXPECT_EQ(ProblemOf(source).code, Code::kUsage) << "the answer is no: " << source;
  base_.btf.clear();
  for (const char* source : {"driver.rs:70", "driver.rs:71", "driver.rs:72"}) {
    Error error = ProblemOf(source);
    EXPECT_EQ(error.code, Code::kNoBtf) << source;
    EXPECT_NE(error.message.find("whether it exists is not known: the module helper_base"),
              std::string::npos)
        << error.message;
    EXPECT_NE(error.message.find("note: name a target whose modules have BTF"), std::string::npos)
        << error.message;
  }
  EXPECT_EQ(ProblemOf("driver.rs:73").code, Code::kUsage) << "the kernel has it";
}

// The kernel holds no others while the module is there.
TEST_F(NeededModulesTest, ListsModulesFromWhichTheFinishedOneImports) {
  const auto listed = [&]() -> std::vector<std::string> {
    auto module = Resolve(driver_.File(), Target(), {}, nullptr);
    if (!module) return {module.error().message};
    auto object = elf::ReadObject(module->bytes, "sample.ko");
    const elf::Section* section = object ? object->Find(RACE_FACTS_SECTION) : nullptr;
    race_facts facts;
    if (!section ||
        race_facts_open(&facts, section->bytes.data(), section->bytes.size()) != RACE_WHOLE)
      return {"no section"};
    std::vector<std::string> names;
    for (uint32_t i = 0; i < facts.header->modules.count; i++)
      names.push_back(std::string(race_facts_string(&facts, facts.modules[i].name)) +
                      (facts.modules[i].flags == RACE_MODULE_TYPED ? "" : ", no types"));
    return names;
  };
  // A contract that no code refers to: what it rests on could not be looked at.
  const auto none = listed();
  ASSERT_EQ(none.size(), 1u);
  EXPECT_NE(none[0].find("from which the finished one imports nothing"), std::string::npos)
      << none[0];
  Call("helper_call");
  EXPECT_EQ(listed(), (std::vector<std::string>{"helper", "helper_base"}));
  base_.btf.clear();
  EXPECT_EQ(listed(), (std::vector<std::string>{"helper", "helper_base, no types"}));
}

TEST_F(NeededModulesTest, RefusesTypesThatAreDamaged) {
  helper_.btf = helper_.btf.substr(0, helper_.btf.size() / 2);
  Error type = ProblemOf("driver.rs:51");
  EXPECT_EQ(type.code, Code::kTypeMissing);
  EXPECT_NE(type.message.find("BTF"), std::string::npos) << type.message;
}

TEST_F(NeededModulesTest, ChecksNamespaces) {
  helper_.exports[0].symbol_namespace = "HELP";
  Error error = ProblemOf("driver.rs:50");
  EXPECT_EQ(error.code, Code::kImportNamespace);
  EXPECT_NE(error.message.find("HELP"), std::string::npos) << error.message;
  driver_.rcrate.manifest.push_back({"import_ns", "HELP"});
  EXPECT_EQ(Fits().depends, std::set<std::string>{"helper"});
}

TEST_F(NeededModulesTest, ChecksTheLicence) {
  for (auto& property : driver_.rcrate.manifest)
    if (property.key == "license") property.value = "Proprietary";
  EXPECT_EQ(ProblemOf("driver.rs:50").code, Code::kImportGpl);
}

TEST_F(NeededModulesTest, RefusesTwoModulesThatExportTheSame) {
  others_["other"] = helper_;
  EXPECT_EQ(ProblemOf("driver.rs:50").code, Code::kImportAmbiguous);
}

TEST_F(NeededModulesTest, RefusesAModuleOfAnotherKernel) {
  helper_.vermagic = "9.8.6-test SMP preempt mod_unload ";
  EXPECT_EQ(ProblemOf("driver.rs:50").code, Code::kBadModule);
}

}  // namespace
}  // namespace race::resolve
