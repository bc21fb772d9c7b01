// SPDX-License-Identifier: GPL-2.0-only
//
// A folder that lasts as long as a test, for files and for mock roots.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace race::kernel {

class TestFolder {
 public:
  TestFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "race-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + '/' + name; }
  // Writes a file, its folders made, and returns its path.
  std::string Write(const std::string& name, const std::string& content) const {
    std::filesystem::path path = path_ + '/' + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }
  void Remove(const std::string& name) const { std::filesystem::remove_all(path_ + '/' + name); }

 private:
  std::string path_;
};

}  // namespace race::kernel
