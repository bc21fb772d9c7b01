// SPDX-License-Identifier: GPL-2.0-only
#include "modprobe/refusal.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "support/file.h"

namespace race::modprobe {
namespace {

// A setting's text, without the newline; empty where it cannot be read.
std::string Setting(const std::string& path) {
  auto text = ReadFile(path);
  if (!text) return "";
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *text;
}

// "integrity" of "none [integrity] confidentiality".
std::string Lockdown(const kernel::SystemRoots& roots) {
  const std::string text = Setting(roots.sys + "/kernel/security/lockdown");
  const size_t open = text.find('['), close = text.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return "none";
  return text.substr(open + 1, close - open - 1);
}

bool DemandsSignatures(const kernel::SystemRoots& roots) {
  return Setting(roots.sys + "/module/module/parameters/sig_enforce") == "Y";
}

}  // namespace

std::string InsertHint(int number, const kernel::SystemRoots& roots) {
  const std::string sign =
      "sign the module with a key that the kernel trusts, such as the machine owner's (mokutil)";
  if (number == EPERM || number == EACCES) {
    if (Setting(roots.proc + "/sys/kernel/modules_disabled") == "1")
      return "kernel.modules_disabled is 1: this kernel loads and removes no module any more; it "
             "stays so until the next boot";
    if (geteuid() != 0) return "loading and removing modules needs root (CAP_SYS_MODULE)";
    if (Lockdown(roots) != "none")
      return "the kernel is locked down (" + Lockdown(roots) + ") and loads signed modules only; " +
             sign;
    return "the kernel or a security module of it does not allow it (see dmesg)";
  }
  if (number == EKEYREJECTED || number == ENOKEY) {
    const bool enforced = DemandsSignatures(roots);
    return std::string("the module has no signature by a key that the kernel trusts") +
           (enforced ? ", which module.sig_enforce demands; " : "; ") + sign;
  }
  return "";
}

std::string InsertReason(int number, const kernel::SystemRoots& roots) {
  std::string reason = number == EEXIST ? "Module already in kernel"
                       : number == ENOENT
                           ? "Unknown symbol in module, or unknown parameter (see dmesg)"
                           : std::strerror(number);
  if (number == ENOEXEC) reason += " (see dmesg)";
  const std::string hint = InsertHint(number, roots);
  return hint.empty() ? reason : reason + '\n' + hint;
}

std::string HintOfHiddenExports(Code code, const kernel::SystemRoots& roots) {
  if (code != Code::kImportGpl && code != Code::kNoExports) return "";
  if (Setting(roots.proc + "/sys/kernel/kptr_restrict") != "2") return "";
  return "\nkernel.kptr_restrict is 2, which hides where the kernel's exports are: each then "
         "counts as one for GPL-compatible modules only. Set it to 1 (sysctl "
         "kernel.kptr_restrict=1) and try again";
}

}  // namespace race::modprobe
