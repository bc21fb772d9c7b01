// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/config_witness.h"

#include <elf.h>

#include <algorithm>

namespace race::kernel {
namespace {

enum class Shown {
  kExport,     // `name` is exported to modules
  kField,      // the struct `name` has the field `field`
  kType,       // there is a struct `name`
  kNoType,     // there is none
  kVermagic,   // `name` is a word of vermagic
  kOtherwise,  // `name` is exported only where the option is not set, and not always there
};

struct Witness {
  std::string_view option;
  Shown shown;
  std::string_view name;
  std::string_view field;
};

// But for kOtherwise, each is there if and only if the option is set: behind its #ifdef or in an
// object of its obj-$(), and exported by nothing else, in the sources of 7.2 and 7.3.  Two or three
// of an option, which must agree; vermagic is made of the options themselves.
constexpr Witness kWitnesses[] = {
    {"CONFIG_ACPI", Shown::kExport, "acpi_match_device", ""},
    {"CONFIG_ACPI", Shown::kExport, "acpi_match_device_ids", ""},
    {"CONFIG_ACPI", Shown::kExport, "acpi_get_handle", ""},
    {"CONFIG_AUXILIARY_BUS", Shown::kExport, "auxiliary_device_init", ""},
    {"CONFIG_AUXILIARY_BUS", Shown::kExport, "__auxiliary_device_add", ""},
    {"CONFIG_BLK_DEBUG_FS", Shown::kField, "blk_mq_ops", "show_rq"},
    {"CONFIG_BLK_DEBUG_FS", Shown::kField, "blk_mq_hw_ctx", "debugfs_dir"},
    {"CONFIG_BLOCK", Shown::kExport, "submit_bio", ""},
    {"CONFIG_BLOCK", Shown::kExport, "submit_bio_wait", ""},
    {"CONFIG_BLOCK", Shown::kExport, "bio_add_page", ""},
    {"CONFIG_COMMON_CLK", Shown::kExport, "clk_hw_register", ""},
    {"CONFIG_COMMON_CLK", Shown::kExport, "clk_hw_get_parent", ""},
    {"CONFIG_COMPAT", Shown::kExport, "compat_ptr_ioctl", ""},
    {"CONFIG_COMPAT", Shown::kExport, "get_compat_sigset", ""},
    {"CONFIG_CPUMASK_OFFSTACK", Shown::kExport, "alloc_cpumask_var_node", ""},
    {"CONFIG_CPUMASK_OFFSTACK", Shown::kExport, "free_cpumask_var", ""},
    {"CONFIG_CPU_FREQ", Shown::kExport, "cpufreq_register_driver", ""},
    {"CONFIG_CPU_FREQ", Shown::kExport, "cpufreq_quick_get", ""},
    {"CONFIG_DEBUG_ATOMIC_SLEEP", Shown::kExport, "__might_sleep", ""},
    {"CONFIG_DEBUG_ATOMIC_SLEEP", Shown::kExport, "__might_resched", ""},
    {"CONFIG_DEBUG_ATOMIC_SLEEP", Shown::kField, "task_struct", "task_state_change"},
    {"CONFIG_DEBUG_BUGVERBOSE", Shown::kField, "bug_entry", "line"},
    {"CONFIG_DEBUG_BUGVERBOSE", Shown::kField, "bug_entry", "file_disp"},
    {"CONFIG_DEBUG_FS", Shown::kExport, "debugfs_create_dir", ""},
    {"CONFIG_DEBUG_FS", Shown::kExport, "debugfs_create_symlink", ""},
    {"CONFIG_DEBUG_FS", Shown::kExport, "debugfs_lookup", ""},
    {"CONFIG_ENERGY_MODEL", Shown::kExport, "em_dev_register_perf_domain", ""},
    {"CONFIG_ENERGY_MODEL", Shown::kExport, "em_pd_get", ""},
    {"CONFIG_FORCE_NR_CPUS", Shown::kOtherwise, "nr_cpu_ids", ""},
    {"CONFIG_HAS_IOMEM", Shown::kExport, "devm_ioremap", ""},
    {"CONFIG_HAS_IOMEM", Shown::kExport, "devm_ioremap_resource", ""},
    {"CONFIG_JUMP_LABEL", Shown::kExport, "static_key_slow_inc", ""},
    {"CONFIG_JUMP_LABEL", Shown::kExport, "static_key_enable", ""},
    {"CONFIG_OF", Shown::kExport, "of_match_device", ""},
    {"CONFIG_OF", Shown::kExport, "of_find_property", ""},
    {"CONFIG_OF", Shown::kExport, "of_root", ""},
    {"CONFIG_PCI", Shown::kExport, "pci_enable_device", ""},
    {"CONFIG_PCI", Shown::kExport, "__pci_register_driver", ""},
    {"CONFIG_PER_VMA_LOCK", Shown::kField, "vm_area_struct", "vm_lock_seq"},
    {"CONFIG_PER_VMA_LOCK", Shown::kField, "mm_struct", "mm_lock_seq"},
    {"CONFIG_PM_OPP", Shown::kExport, "dev_pm_opp_get_voltage", ""},
    {"CONFIG_PM_OPP", Shown::kExport, "dev_pm_opp_enable", ""},
    {"CONFIG_PREEMPT_RT", Shown::kVermagic, "preempt_rt", ""},
    {"CONFIG_PRINTK", Shown::kExport, "_printk", ""},
    {"CONFIG_PRINTK", Shown::kExport, "vprintk", ""},
    {"CONFIG_PRINTK", Shown::kExport, "vprintk_emit", ""},
    {"CONFIG_SMP", Shown::kVermagic, "SMP", ""},
    {"CONFIG_TRACEPOINTS", Shown::kExport, "tracepoint_probe_register", ""},
    {"CONFIG_TRACEPOINTS", Shown::kExport, "tracepoint_probe_unregister", ""},
    {"CONFIG_TRACEPOINTS", Shown::kExport, "for_each_kernel_tracepoint", ""},
    {"CONFIG_UML", Shown::kType, "cpuinfo_um", ""},
    {"CONFIG_UML", Shown::kNoType, "cpuinfo_x86", ""},
};

bool HasType(const Target& target, std::string_view name) {
  for (steg::NodeId id : target.types.Find(STEG_STRUCT, name))
    if (!(target.types[id].flags & STEG_INCOMPLETE)) return true;
  return false;
}

bool HasWord(std::string_view text, std::string_view word) {
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find(' ', start), text.size());
    if (text.substr(start, end - start) == word) return true;
    start = end + 1;
  }
  return false;
}

std::optional<bool> Says(const Witness& witness, const Target& target) {
  switch (witness.shown) {
    case Shown::kExport:
      if (target.exports.find(witness.name) != target.exports.end()) return true;
      // Where CONFIG_TRIM_UNUSED_KSYMS took the export away, the function is still there.
      if (!target.types.Find(STEG_FUNC, witness.name).empty()) return {};
      return false;
    case Shown::kOtherwise:
      if (target.exports.find(witness.name) == target.exports.end()) return {};
      return false;
    case Shown::kType:
      return HasType(target, witness.name);
    case Shown::kNoType:
      return !HasType(target, witness.name);
    case Shown::kVermagic:
      return HasWord(target.vermagic, witness.name);
    case Shown::kField:
      break;
  }
  // A struct that is not there says nothing of its fields.
  if (!HasType(target, witness.name)) return {};
  steg::Place place;
  for (steg::NodeId id : target.types.Find(STEG_STRUCT, witness.name))
    if (!(target.types[id].flags & STEG_INCOMPLETE) &&
        steg::FindMember(target.types, id, witness.field, &place, nullptr))
      return true;
  return false;
}

}  // namespace

std::optional<std::string> ConfigOfProcessor(const Target& target, std::string_view option) {
  if (target.machine != EM_X86_64) return {};
  for (std::string_view set : {"CONFIG_64BIT", "CONFIG_X86", "CONFIG_X86_64", "CONFIG_MMU"})
    if (option == set) return "y";
  // Its pages have 4096 bytes.
  if (option == "CONFIG_PAGE_SHIFT") return "12";
  for (std::string_view other :
       {"CONFIG_32BIT", "CONFIG_ARM", "CONFIG_ARM64", "CONFIG_LOONGARCH", "CONFIG_RISCV"})
    if (option == other) return "n";
  return {};
}

std::optional<std::string> WitnessedConfig(const Target& target, std::string_view option) {
  if (auto told = ConfigOfProcessor(target, option)) return told;
  std::optional<bool> all;
  for (const Witness& witness : kWitnesses) {
    if (witness.option != option) continue;
    const std::optional<bool> one = Says(witness, target);
    if (!one || (all && *all != *one)) return {};
    all = one;
  }
  if (!all) return {};
  return *all ? "y" : "n";
}

}  // namespace race::kernel
