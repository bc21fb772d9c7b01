// SPDX-License-Identifier: GPL-2.0-only
#include "modprobe/log.h"

#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <iostream>
#include <sstream>

namespace race::modprobe {

Log::Log(bool to_syslog, int verbosity, bool goes_on)
    : to_syslog_(to_syslog), verbosity_(verbosity), goes_on_(goes_on) {
  // Whoever closed standard error wants the messages elsewhere.
  struct stat status;
  if (fstat(STDERR_FILENO, &status) != 0) to_syslog_ = true;
  if (to_syslog_) openlog(program_invocation_short_name, LOG_CONS, LOG_DAEMON);
}

Log::~Log() {
  if (to_syslog_) closelog();
}

void Log::Fatal(const std::string& text) const {
  if (goes_on_)
    Warning(text);
  else
    Say(LOG_CRIT, "FATAL", text);
}
void Log::Error(const std::string& text) const { Say(LOG_ERR, "ERROR", text); }
void Log::Warning(const std::string& text) const { Say(LOG_WARNING, "WARNING", text); }

void Log::Say(int priority, const char* word, const std::string& text) const {
  if (priority > verbosity_) return;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (to_syslog_)
      syslog(priority, "%s: %s", word, line.c_str());
    else
      std::cerr << program_invocation_short_name << ": " << word << ": " << line << '\n';
  }
}

void Log::Take(kmod_ctx* context) const {
  kmod_set_log_priority(context, verbosity_);
  kmod_set_log_fn(context, FromKmod, this);
}

void Log::FromKmod(void* log, int priority, const char*, int, const char*, const char* format,
                   va_list arguments) {
  char* text = nullptr;
  if (vasprintf(&text, format, arguments) < 0) return;
  const char* word = priority <= LOG_CRIT      ? "FATAL"
                     : priority == LOG_ERR     ? "ERROR"
                     : priority == LOG_WARNING ? "WARNING"
                     : priority == LOG_NOTICE  ? "NOTICE"
                     : priority == LOG_INFO    ? "INFO"
                                               : "DEBUG";
  static_cast<const Log*>(log)->Say(priority, word, text);
  free(text);
}

}  // namespace race::modprobe
