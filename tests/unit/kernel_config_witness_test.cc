// SPDX-License-Identifier: GPL-2.0-only
//
// Options that a kernel shows without its configuration.
#include <elf.h>
#include <gtest/gtest.h>

#include "kernel/config_witness.h"

namespace race::kernel {
namespace {

Target Kernel() {
  Target target;
  target.machine = EM_X86_64;
  target.vermagic = "9.8.7 SMP preempt mod_unload ";
  return target;
}

steg::NodeId AddStruct(Target* target, const char* name, const char* field, uint16_t flags = 0) {
  const steg::NodeId type =
      target->types.Add({.kind = STEG_INT, .name = "int", .size = 4, .edges = {}});
  steg::Node node{.kind = STEG_STRUCT, .flags = flags, .name = name, .size = 4, .edges = {}};
  if (field != nullptr)
    node.edges.push_back({.kind = STEG_EDGE_MEMBER, .name = field, .target = type});
  return target->types.Add(std::move(node));
}

TEST(ConfigWitness, IsWhatIsExported) {
  Target target = Kernel();
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_DEBUG_FS"), "n");
  for (const char* name : {"debugfs_create_dir", "debugfs_create_symlink", "debugfs_lookup"})
    target.exports[name] = {};
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_DEBUG_FS"), "y");
}

TEST(ConfigWitness, ContradictionsSayNothing) {
  Target target = Kernel();
  target.exports["debugfs_create_dir"] = {};
  target.exports["debugfs_lookup"] = {};
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_DEBUG_FS"), std::nullopt);
}

TEST(ConfigWitness, AFunctionThatIsNotExportedSaysNothing) {
  Target target = Kernel();
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_OF"), "n");
  target.types.Add({.kind = STEG_FUNC, .name = "of_find_property", .edges = {}});
  Target trimmed = Kernel();
  trimmed.types = target.types;
  EXPECT_EQ(WitnessedConfig(trimmed, "CONFIG_OF"), std::nullopt);
}

TEST(ConfigWitness, IsAFieldOfAStructThatIsThere) {
  Target target = Kernel();
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_DEBUG_BUGVERBOSE"), std::nullopt);
  AddStruct(&target, "bug_entry", nullptr, STEG_INCOMPLETE);
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_DEBUG_BUGVERBOSE"), std::nullopt);
  Target without = Kernel();
  AddStruct(&without, "bug_entry", "flags");
  EXPECT_EQ(WitnessedConfig(without, "CONFIG_DEBUG_BUGVERBOSE"), "n");
  Target half = Kernel();
  AddStruct(&half, "bug_entry", "line");
  EXPECT_EQ(WitnessedConfig(half, "CONFIG_DEBUG_BUGVERBOSE"), std::nullopt);
  Target with = Kernel();
  AddStruct(&with, "vm_area_struct", "vm_lock_seq");
  AddStruct(&with, "mm_struct", "mm_lock_seq");
  EXPECT_EQ(WitnessedConfig(with, "CONFIG_PER_VMA_LOCK"), "y");
}

TEST(ConfigWitness, IsAWordOfVermagic) {
  Target target = Kernel();
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_SMP"), "y");
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_PREEMPT_RT"), "n");
  target.vermagic = "9.8.7-SMP preempt_rt";
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_SMP"), "n");
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_PREEMPT_RT"), "y");
  target.vermagic = "";
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_SMP"), "n");
}

TEST(ConfigWitness, KnowsAKernelThatIsAProgram) {
  Target target = Kernel();
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_UML"), std::nullopt);
  AddStruct(&target, "cpuinfo_x86", "x86");
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_UML"), "n");
  Target program = Kernel();
  AddStruct(&program, "cpuinfo_um", "cache_alignment");
  EXPECT_EQ(WitnessedConfig(program, "CONFIG_UML"), "y");
}

TEST(ConfigWitness, MaySpeakOnOneSideOnly) {
  Target target = Kernel();
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_FORCE_NR_CPUS"), std::nullopt);
  target.exports["nr_cpu_ids"] = {};
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_FORCE_NR_CPUS"), "n");
}

TEST(ConfigWitness, TheProcessorDecides) {
  Target target = Kernel();
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_64BIT"), "y");
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_ARM64"), "n");
  target.machine = EM_AARCH64;
  EXPECT_EQ(WitnessedConfig(target, "CONFIG_64BIT"), std::nullopt);
}

TEST(ConfigWitness, OfAnUnknownOptionIsNone) {
  EXPECT_EQ(WitnessedConfig(Kernel(), "CONFIG_NO_SUCH"), std::nullopt);
  EXPECT_EQ(WitnessedConfig(Kernel(), ""), std::nullopt);
  EXPECT_EQ(WitnessedConfig(Kernel(), "DEBUG_FS"), std::nullopt);
}

TEST(ConfigWitness, AConfigurationThatIsKnownCounts) {
  Target target = Kernel();
  EXPECT_EQ(ConfigValue(target, "CONFIG_SMP"), "y");
  target.config = "# CONFIG_SMP is not set\n";
  EXPECT_EQ(ConfigValue(target, "CONFIG_SMP"), "n");
  target.config = "";
  EXPECT_EQ(ConfigValue(target, "CONFIG_SMP"), std::nullopt);
}

}  // namespace
}  // namespace race::kernel
