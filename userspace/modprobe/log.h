// SPDX-License-Identifier: GPL-2.0-only
//
// Messages, as modprobe has them: "race-modprobe: FATAL: ...", to standard error or syslog.
#pragma once

#include <string>

#include "kernel/kmod.h"

namespace race::modprobe {

class Log {
 public:
  // `verbosity` is a priority of syslog(3): LOG_EMERG for none, else LOG_WARNING and up.
  // With `goes_on` (-a) one name that fails is not the end, and Fatal() only warns.
  Log(bool to_syslog, int verbosity, bool goes_on);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // A line for each line of the text.
  void Fatal(const std::string& text) const;
  void Error(const std::string& text) const;
  void Warning(const std::string& text) const;

  // What libkmod has to say comes here; it must not outlive this object.
  void Take(kmod_ctx* context) const;

 private:
  void Say(int priority, const char* word, const std::string& text) const;
  static void FromKmod(void* log, int priority, const char* file, int line, const char* function,
                       const char* format, va_list arguments);

  bool to_syslog_;
  int verbosity_;
  bool goes_on_;
};

}  // namespace race::modprobe
