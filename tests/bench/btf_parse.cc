// SPDX-License-Identifier: GPL-2.0-only
//
// The yardstick for `race resolve`: libbpf's own parse of the same BTF, once in a
// process, as the resolver does it.
//
//   btf_parse --extract VMLINUZ FILE    the image's .BTF
//   btf_parse FILE                      milliseconds of btf__parse
#include <bpf/btf.h>

#include <chrono>
#include <iostream>

#include "kernel/image.h"
#include "support/file.h"

namespace {

race::Status Extract(const std::string& image, const std::string& output) {
  RACE_ASSIGN(bytes, race::kernel::Bytes::Map(image));
  RACE_ASSIGN(vmlinux, race::kernel::Vmlinux::Read(std::move(bytes), image));
  const race::kernel::Section* btf = vmlinux.Find(".BTF");
  if (btf == nullptr) return race::Fail(race::Code::kNoBtf) << image << ": no section .BTF";
  return race::WriteFileAtomically(output, btf->data);
}

int Parse(const char* file) {
  auto start = std::chrono::steady_clock::now();
  btf* parsed = btf__parse(file, nullptr);
  auto end = std::chrono::steady_clock::now();
  if (parsed == nullptr) {
    std::cerr << "btf_parse: " << file << ": libbpf cannot parse it\n";
    return 1;
  }
  std::cout << std::chrono::duration<double, std::milli>(end - start).count() << " ms  btf__parse ("
            << btf__type_cnt(parsed) << " types)\n";
  btf__free(parsed);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string first = argc > 1 ? argv[1] : "";
  if (argc == 4 && first == "--extract") {
    race::Status done = Extract(argv[2], argv[3]);
    if (!done) std::cerr << "btf_parse: " << done.error().Text() << "\n";
    return done ? 0 : 1;
  }
  if (argc == 2) return Parse(argv[1]);
  std::cerr << "usage: btf_parse --extract VMLINUZ FILE | btf_parse FILE\n";
  return 2;
}
