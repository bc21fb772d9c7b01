// SPDX-License-Identifier: GPL-2.0-only
//
// .rcrate files that are none, are cut short or damaged.
#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "rcrate_sample.h"

namespace race::rcrate {
namespace {

Code CodeOf(std::string_view bytes) {
  auto file = ParseRcrate(bytes, "x.rcrate");
  if (file) return Code::kUsage;
  EXPECT_EQ(file.error().message.rfind("x.rcrate: ", 0), 0u) << file.error().message;
  return file.error().code;
}

Elf64_Ehdr HeaderOf(const std::string& bytes) {
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  return header;
}

template <typename T>
std::string With(std::string bytes, size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(value));
  return bytes;
}

TEST(RcrateFileTest, ReadsWhatIsWritten) {
  SampleRcrate sample;
  RcrateFile file = sample.File();
  EXPECT_EQ(file.rcrate.contracts, sample.rcrate.contracts);
  EXPECT_EQ(file.types, sample.types.build.graph);
  const elf::Section* text = file.object.Find(".text");
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(text->bytes, std::string(64, '\0'));
  ASSERT_EQ(text->relocations.size(), 7u);
  EXPECT_EQ(text->relocations[0].addend, 2);
  EXPECT_EQ(file.object[text->relocations[0].symbol].name, "race:off:file.private_data");
}

TEST(RcrateFileTest, RefusesWhatIsNoElf) {
  EXPECT_EQ(CodeOf(""), Code::kNotElf);
  EXPECT_EQ(CodeOf("#!/bin/sh\nexit 0\n"), Code::kNotElf);
  EXPECT_EQ(CodeOf(std::string(4096, '\0')), Code::kNotElf);
}

TEST(RcrateFileTest, RefusesOtherElfFiles) {
  std::string bytes = SampleRcrate().Bytes();
  EXPECT_EQ(CodeOf(With<uint16_t>(bytes, offsetof(Elf64_Ehdr, e_type), ET_EXEC)), Code::kNotRcrate);
  EXPECT_EQ(CodeOf(With<uint16_t>(bytes, offsetof(Elf64_Ehdr, e_type), ET_DYN)), Code::kNotRcrate);
  // An ordinary object.
  EXPECT_EQ(CodeOf(elf::WriteObject(SampleRcrate().object)), Code::kNotRcrate);
}

TEST(RcrateFileTest, RefusesAnObjectWithOneOfTheSections) {
  for (const char* name : {RACE_SECTION, RACE_STEG_SECTION}) {
    elf::Object object = SampleRcrate().File().object;
    for (elf::Section& section : object.sections)
      if (section.name == name) section.name = ".else";
    EXPECT_EQ(CodeOf(elf::WriteObject(object)), Code::kNotRcrate) << name;
  }
}

TEST(RcrateFileTest, RefusesASectionThatIsThereTwice) {
  elf::Object object = SampleRcrate().File().object;
  object.Add(elf::Section(*object.Find(RACE_SECTION)));
  EXPECT_EQ(CodeOf(elf::WriteObject(object)), Code::kNotRcrate);
}

TEST(RcrateFileTest, RefusesOtherMachines) {
  std::string bytes = SampleRcrate().Bytes();
  EXPECT_EQ(CodeOf(With<uint16_t>(bytes, offsetof(Elf64_Ehdr, e_machine), EM_AARCH64)),
            Code::kBadMachine);
  EXPECT_EQ(CodeOf(With<uint8_t>(bytes, EI_CLASS, ELFCLASS32)), Code::kBadMachine);
  EXPECT_EQ(CodeOf(With<uint8_t>(bytes, EI_DATA, ELFDATA2MSB)), Code::kBadMachine);
}

TEST(RcrateFileTest, RefusesEachElfHeaderFieldThatMattersAndIsWrong) {
  std::string bytes = SampleRcrate().Bytes();
  EXPECT_EQ(CodeOf(With<uint32_t>(bytes, offsetof(Elf64_Ehdr, e_version), 2)), Code::kBadElf);
  EXPECT_EQ(CodeOf(With<uint64_t>(bytes, offsetof(Elf64_Ehdr, e_shoff), ~uint64_t{0})),
            Code::kBadElf);
  EXPECT_EQ(CodeOf(With<uint64_t>(bytes, offsetof(Elf64_Ehdr, e_shoff), 0)), Code::kBadElf);
  EXPECT_EQ(CodeOf(With<uint16_t>(bytes, offsetof(Elf64_Ehdr, e_shnum), 0xff00)), Code::kBadElf);
  EXPECT_EQ(CodeOf(With<uint16_t>(bytes, offsetof(Elf64_Ehdr, e_shnum), 0)), Code::kBadElf);
  EXPECT_EQ(CodeOf(With<uint16_t>(bytes, offsetof(Elf64_Ehdr, e_shentsize), 40)), Code::kBadElf);
  EXPECT_EQ(CodeOf(With<uint16_t>(bytes, offsetof(Elf64_Ehdr, e_shstrndx), 0xfff0)), Code::kBadElf);
}

TEST(RcrateFileTest, RefusesAFileCutAtEachSectionBoundary) {
  std::string bytes = SampleRcrate().Bytes();
  Elf64_Ehdr header = HeaderOf(bytes);
  std::set<uint64_t> cuts = {header.e_shoff, sizeof(header)};
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section;
    std::memcpy(&section, bytes.data() + header.e_shoff + i * sizeof(section), sizeof(section));
    cuts.insert(section.sh_offset);
    cuts.insert(section.sh_offset + section.sh_size);
    cuts.insert(header.e_shoff + i * sizeof(section));
  }
  EXPECT_GT(cuts.size(), 20u);
  for (uint64_t cut : cuts)
    EXPECT_EQ(CodeOf(std::string_view(bytes).substr(0, cut)),
              cut < EI_NIDENT ? Code::kNotElf : Code::kBadElf)
        << cut;
}

TEST(RcrateFileTest, RefusesAFileCutAnywhere) {
  std::string bytes = SampleRcrate().Bytes();
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(ParseRcrate(std::string_view(bytes).substr(0, length), "x")) << length;
}

// Every byte outside of the two checksummed sections set to extremes: an answer
// or an error, never a crash (with sanitizers, never a bad read).
TEST(RcrateFileTest, SurvivesEachByteSet) {
  std::string bytes = SampleRcrate().Bytes();
  for (size_t i = 0; i < bytes.size(); ++i)
    for (uint8_t value : {0x00, 0x01, 0x7f, 0xff}) {
      auto file = ParseRcrate(With(bytes, i, value), "x");
      if (file) elf::WriteObject(file->object);
    }
}

TEST(RcrateFileTest, RefusesTypesThatTheStegDoesNotHave) {
  SampleRcrate sample;
  sample.rcrate.contracts[0].type = static_cast<uint32_t>(sample.types.build.graph.size());
  EXPECT_EQ(CodeOf(sample.Bytes()), Code::kBadReference);
  SampleRcrate other;
  other.rcrate.contracts[Index(other.register_function)].type = steg::Index(other.types.file);
  EXPECT_EQ(CodeOf(other.Bytes()), Code::kBadReference);
}

TEST(RcrateFileTest, SaysWhichFileCannotBeOpened) {
  auto file = OpenRcrate("/nonexistent/x.rcrate");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Code::kFileOpen);
  EXPECT_NE(file.error().message.find("/nonexistent/x.rcrate"), std::string::npos);
}

}  // namespace
}  // namespace race::rcrate
