// SPDX-License-Identifier: GPL-2.0-only
#include "store/index.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace race::store {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

// Names become file names: nothing else may stand there.
bool IsModuleName(const std::string& name) {
  return !name.empty() && name.size() < 64 &&
         std::all_of(
             name.begin(), name.end(),
             [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '_';
             });
}

void CheckName(const std::string& name) {
  if (!IsModuleName(name)) throw json::other_error::create(500, "no name of a module", nullptr);
}

Entry EntryOf(const json& record) {
  Entry entry;
  record.at("rcrate").get_to(entry.rcrate);
  record.at("rcrate_sha256").get_to(entry.rcrate_hash);
  record.at("kernel").get_to(entry.kernel);
  record.at("race").get_to(entry.race);
  record.at("module_sha256").get_to(entry.module_hash);
  record.at("depends").get_to(entry.depends);
  record.at("softdep").get_to(entry.softdep);
  return entry;
}

}  // namespace

std::string WriteIndex(const Index& index) {
  json modules = json::object(), refused = json::object();
  for (const auto& [name, entry] : index.modules)
    modules[name] = {
        {"rcrate", entry.rcrate},  {"rcrate_sha256", entry.rcrate_hash}, {"kernel", entry.kernel},
        {"race", entry.race},      {"module_sha256", entry.module_hash}, {"depends", entry.depends},
        {"softdep", entry.softdep}};
  for (const auto& [name, refusal] : index.refused)
    refused[name] = {{"rcrate", refusal.rcrate}, {"error", refusal.error}};
  const json document = {
      {"format", kFormat}, {"indexed", index.indexed}, {"modules", modules}, {"refused", refused}};
  return document.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

Result<Index> ParseIndex(const std::string& text, const std::string& path) {
  Index index;
  try {
    const json document = json::parse(text);
    if (document.at("format").get<int>() != kFormat)
      return Fail(Code::kFileRead) << path << ": an index of format " << document.at("format")
                                   << "; expected " << kFormat;
    document.at("indexed").get_to(index.indexed);
    for (const auto& [name, record] : document.at("modules").items()) {
      CheckName(name);
      index.modules[name] = EntryOf(record);
    }
    for (const auto& [name, record] : document.at("refused").items()) {
      CheckName(name);
      index.refused[name] = {record.at("rcrate").get<std::string>(),
                             record.at("error").get<std::string>()};
    }
  } catch (const json::exception& error) {
    return Fail(Code::kFileRead) << path << ": no index of resolved modules: " << error.what();
  }
  return index;
}

}  // namespace race::store
