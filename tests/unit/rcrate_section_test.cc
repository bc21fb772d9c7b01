// SPDX-License-Identifier: GPL-2.0-only
//
// The section .race: what is written is read, what is not right is refused.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstddef>
#include <cstring>
#include <limits>

#include "rcrate/expression.h"
#include "rcrate/race_section_reader.h"
#include "rcrate_sample.h"

namespace race::rcrate {
namespace {

class SectionTest : public testing::Test {
 protected:
  SectionTest() : bytes_(WriteRaceSection(sample_.rcrate)) {
    std::memcpy(&header_, bytes_.data(), sizeof(header_));
  }

  template <typename T>
  void Set(size_t at, T value) {
    ASSERT_LE(at + sizeof(value), bytes_.size());
    std::memcpy(bytes_.data() + at, &value, sizeof(value));
  }
  // As a producer that writes nonsense would: with the right checksum.
  void Seal() {
    Set<uint32_t>(offsetof(race_header, crc32), 0);
    Set<uint32_t>(offsetof(race_header, crc32),
                  crc32(0, reinterpret_cast<const Bytef*>(bytes_.data()), bytes_.size()));
  }
  size_t Record(const race_table& table, size_t size, size_t index, size_t field) const {
    return sizeof(race_header) + table.offset + index * size + field;
  }
  // The code that the bytes are refused with; the message names file and section.
  Code Refused() {
    auto read = ReadRaceSection(bytes_, "x.rcrate");
    if (read) {
      ADD_FAILURE() << "it was read";
      return Code::kUsage;
    }
    EXPECT_EQ(read.error().message.rfind("x.rcrate: .race+0x", 0), 0u) << read.error().message;
    return read.error().code;
  }
  // The same for a model that its writer should not have been given.
  Code Refused(const Rcrate& rcrate) {
    bytes_ = WriteRaceSection(rcrate);
    return Refused();
  }
  template <typename T>
  Code RefusedWith(size_t at, T value) {
    std::string good = bytes_;
    Set(at, value);
    Seal();
    Code code = Refused();
    bytes_ = good;
    return code;
  }

  SampleRcrate sample_;
  std::string bytes_;
  race_header header_;
};

#define AT(table, type, index, field) \
  Record(header_.table, sizeof(type), index, offsetof(type, field))

TEST_F(SectionTest, ReadsWhatIsWritten) {
  Rcrate& rcrate = sample_.rcrate;
  std::string binary("a\0b\xff", 4);
  rcrate.shapes[0].pieces.push_back({sample_.eight, RACE_PIECE_BYTES, binary, 4, {}});
  rcrate.shapes.push_back({"race_shape_1", ".bss", 1, sample_.size_miscdevice, {}});
  Contract lacks = rcrate[sample_.register_function], former = lacks;
  lacks.kind = RACE_CONTRACT_LACKS_FUNCTION;
  former.is_former = true;
  former.guard = rcrate.Add(lacks);
  rcrate.Add(former);
  Contract unless = rcrate[sample_.register_function];
  unless.guard = former.guard;
  unless.is_unless = true;
  rcrate.Add(unless);
  auto read = ReadRaceSection(WriteRaceSection(rcrate), "x.rcrate");
  ASSERT_TRUE(read) << read.error().Text();
  EXPECT_EQ(*read, rcrate);
}

TEST_F(SectionTest, ReadsAnEmptyOne) {
  auto read = ReadRaceSection(WriteRaceSection(Rcrate()), "x.rcrate");
  ASSERT_TRUE(read) << read.error().Text();
  EXPECT_EQ(*read, Rcrate());
}

TEST_F(SectionTest, WritesTheSameBytesAndEachStringOnce) {
  EXPECT_EQ(WriteRaceSection(sample_.rcrate), bytes_);
  EXPECT_EQ(bytes_.find("struct file"), bytes_.rfind("struct file"));
  Contract again = sample_.rcrate.contracts[0];
  sample_.rcrate.Add(again);
  EXPECT_EQ(WriteRaceSection(sample_.rcrate).size(), bytes_.size() + sizeof(race_contract));
}

TEST_F(SectionTest, TakesALongerHeaderOfANewerProducer) {
  bytes_.insert(sizeof(race_header), 16, 'n');
  Set<uint32_t>(offsetof(race_header, hdr_len), sizeof(race_header) + 16);
  Seal();
  auto read = ReadRaceSection(bytes_, "x.rcrate");
  ASSERT_TRUE(read) << read.error().Text();
  EXPECT_EQ(read->contracts, sample_.rcrate.contracts);
}

TEST_F(SectionTest, RefusesEveryHeaderFieldThatIsNotRight) {
  EXPECT_EQ(RefusedWith<uint8_t>(offsetof(race_header, magic), 'X'), Code::kBadMagic);
  EXPECT_EQ(RefusedWith<uint8_t>(offsetof(race_header, magic) + 7, 1), Code::kBadMagic);
  EXPECT_EQ(RefusedWith<uint16_t>(offsetof(race_header, version), RACE_VERSION + 1),
            Code::kBadVersion);
  EXPECT_EQ(RefusedWith<uint16_t>(offsetof(race_header, machine), EM_AARCH64), Code::kBadMachine);
  for (uint32_t length :
       {0u, 8u, uint32_t{sizeof(race_header)} - 8, uint32_t{sizeof(race_header)} + 4,
        static_cast<uint32_t>(bytes_.size()) + 8, 0xfffffff8u})
    EXPECT_EQ(RefusedWith(offsetof(race_header, hdr_len), length), Code::kBadHeader) << length;
  EXPECT_EQ(RefusedWith<uint32_t>(offsetof(race_header, flags), 1), Code::kBadHeader);
  for (size_t table = offsetof(race_header, strings); table < sizeof(race_header);
       table += sizeof(race_table)) {
    EXPECT_EQ(RefusedWith<uint32_t>(table, 0xfffffff8), Code::kBadTable) << table;
    EXPECT_EQ(RefusedWith<uint32_t>(table, header_.contracts.offset + 4), Code::kBadTable) << table;
    EXPECT_EQ(RefusedWith<uint32_t>(table + 4, 0xffffffff), Code::kBadTable) << table;
  }
}

TEST_F(SectionTest, RefusesEachDamagedByte) {
  for (size_t i = 0; i < bytes_.size(); ++i) {
    std::string good = bytes_;
    bytes_[i] ^= 0x10;
    EXPECT_FALSE(ReadRaceSection(bytes_, "x.rcrate")) << i;
    bytes_ = good;
  }
}

TEST_F(SectionTest, RefusesEachLength) {
  for (size_t length = 0; length < bytes_.size(); ++length)
    EXPECT_FALSE(ReadRaceSection(std::string_view(bytes_).substr(0, length), "x.rcrate")) << length;
}

// Damage that a checksum does not show must not do more than be refused.
TEST_F(SectionTest, SurvivesEachByteSetWithARightChecksum) {
  for (size_t i = 0; i < bytes_.size(); ++i)
    for (uint8_t value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      std::string good = bytes_;
      Set(i, value);
      Seal();
      auto read = ReadRaceSection(bytes_, "x.rcrate");
      if (read)
        for (uint32_t id = 0; id < read->exprs.size(); ++id) Spell(*read, ExprId{id});
      bytes_ = good;
    }
}

TEST_F(SectionTest, RefusesTablesThatOverlap) {
  EXPECT_EQ(RefusedWith(offsetof(race_header, symbols), header_.contracts.offset), Code::kBadTable);
}

TEST_F(SectionTest, RefusesStringsThatAreNone) {
  const uint32_t outside = header_.strings.count;
  EXPECT_EQ(RefusedWith(AT(manifest, race_property, 0, key), outside), Code::kBadString);
  EXPECT_EQ(RefusedWith(AT(contracts, race_contract, 0, source), outside), Code::kBadString);
  EXPECT_EQ(RefusedWith(AT(rooms, race_room, 0, source), ~0u), Code::kBadString);
  EXPECT_EQ(RefusedWith(AT(shapes, race_shape, 0, symbol), outside), Code::kBadString);
  EXPECT_EQ(RefusedWith<uint8_t>(
                sizeof(race_header) + header_.strings.offset + header_.strings.count - 1, 'x'),
            Code::kBadString)
      << "a table that does not end with NUL";
  EXPECT_EQ(RefusedWith<uint8_t>(sizeof(race_header) + header_.strings.offset, 'x'),
            Code::kBadString)
      << "a table that does not begin with NUL";
}

TEST_F(SectionTest, RefusesIndexesThatAreNone) {
  EXPECT_EQ(RefusedWith(AT(symbols, race_symbol, 0, expr), header_.exprs.count),
            Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(rooms, race_room, 0, expr), ~0u), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(shapes, race_shape, 0, size), header_.exprs.count), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(pieces, race_piece, 0, offset), header_.exprs.count),
            Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(pieces, race_piece, 0, value), ~0u), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(terms, race_term, 0, index), header_.contracts.count),
            Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(exprs, race_expr, 2, first_term), 1u), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(exprs, race_expr, 2, term_count), ~0u), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(shapes, race_shape, 0, piece_count), 1u), Code::kBadReference)
      << "a piece that belongs to no shape";
}

TEST_F(SectionTest, RefusesReservedFieldsInUse) {
  EXPECT_EQ(RefusedWith(AT(contracts, race_contract, 1, bit), 1u), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(contracts, race_contract, 1, guard), 1u), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(contracts, race_contract, 1, flags), 2u), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(terms, race_term, 1, kind), 2u), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(pieces, race_piece, 1, reserved), 1u), Code::kBadReference);
}

TEST_F(SectionTest, RefusesTermsThatHaveNoNumber) {
  EXPECT_EQ(RefusedWith(AT(terms, race_term, 0, index), Index(sample_.register_function)),
            Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(terms, race_term, 0, coefficient), 0), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(terms, race_term, 0, round), 3u), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(terms, race_term, 0, round), 1u << 30), Code::kBadReference);
}

// What lies in front of a member of an own type: up(2 * (constant + size), 16).
TEST_F(SectionTest, KeepsExpressionsWithinExpressions) {
  Rcrate rcrate = sample_.rcrate;
  const ExprId inner = sample_.own_size;
  Expr outer;
  outer.constant = 3;
  outer.terms.push_back({2, {}, 16, inner});
  const ExprId id = rcrate.Add(std::move(outer));
  auto read = ReadRaceSection(WriteRaceSection(rcrate), "t");
  ASSERT_TRUE(read) << read.error().Text();
  EXPECT_EQ((*read)[id], rcrate[id]);
  EXPECT_EQ(ContractsOf(*read, id), ContractsOf(*read, inner));
  ContractValues values(rcrate.contracts.size(), 9);
  const int64_t held = *Evaluate(rcrate, values, inner);
  EXPECT_EQ(*Evaluate(rcrate, values, id), 3 + 2 * ((held + 15) / 16 * 16));
  EXPECT_NE(Spell(rcrate, id).find("up("), std::string::npos);
}

// Only earlier ones, not too deep and not too many: whoever evaluates one goes through all.
TEST_F(SectionTest, RefusesExpressionsThatHoldTooMuch) {
  auto refused = [this](size_t depth, size_t times) {
    Rcrate rcrate = sample_.rcrate;
    ExprId last = sample_.own_size;
    for (size_t i = 0; i < depth; i++) {
      Expr expr;
      for (size_t t = 0; t < times; t++) expr.terms.push_back({1, {}, 0, last});
      last = rcrate.Add(std::move(expr));
    }
    return ReadRaceSection(WriteRaceSection(rcrate), "t");
  };
  EXPECT_TRUE(refused(RACE_EXPR_DEPTH_MAX - 1, 1));
  auto deep = refused(RACE_EXPR_DEPTH_MAX, 1);
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code, Code::kBadReference);
  auto many = refused(20, 2);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, Code::kBadReference);
  // Of itself.
  Rcrate rcrate = sample_.rcrate;
  Expr circle;
  circle.terms.push_back({1, {}, 0, ExprId{static_cast<uint32_t>(rcrate.exprs.size())}});
  rcrate.Add(std::move(circle));
  EXPECT_FALSE(ReadRaceSection(WriteRaceSection(rcrate), "t"));
}

TEST_F(SectionTest, RefusesContractsThatSayTooLittleOrTooMuch) {
  auto refused = [this](auto change) {
    Rcrate rcrate = sample_.rcrate;
    change(&rcrate);
    return Refused(rcrate);
  };
  EXPECT_EQ(refused([](Rcrate* r) { r->contracts[0].path = ""; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->contracts[0].root = ""; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->contracts[0].type = RACE_NO_TYPE; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->contracts[0].align = 12; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->contracts[0].low = 5000; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->contracts[0].kind = race_contract_kind(0); }),
            Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->contracts[0].kind = race_contract_kind(8); }),
            Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->contracts[1].path = "x"; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->contracts[5].type = RACE_NO_TYPE; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->manifest[0].key = ""; }), Code::kBadReference);
}

TEST_F(SectionTest, RefusesSymbolsAndShapesThatAreNotRight) {
  auto refused = [this](auto change) {
    Rcrate rcrate = sample_.rcrate;
    change(&rcrate);
    return Refused(rcrate);
  };
  EXPECT_EQ(refused([](Rcrate* r) { r->symbols[0].name = "off:x"; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->symbols[1].name = r->symbols[0].name; }),
            Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->shapes.push_back(r->shapes[0]); }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->shapes[0].section = ".text"; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->shapes[0].section = ".bss"; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->shapes[0].align = 0; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->shapes[0].align = 24; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->shapes[0].pieces[0].length = 3; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->shapes[0].pieces[0].length = 16; }), Code::kBadReference);
  EXPECT_EQ(refused([](Rcrate* r) { r->shapes[0].pieces[1].data = ""; }), Code::kBadReference);
  EXPECT_EQ(RefusedWith(AT(pieces, race_piece, 0, kind), 4u), Code::kBadReference);
}

TEST_F(SectionTest, RefusesMoreStringsThanAnyDriverHas) {
  Rcrate rcrate;
  std::string large(1 << 20, 'x');
  for (int i = 0; i < 70; ++i) rcrate.manifest.push_back({"key", large});
  EXPECT_EQ(Refused(rcrate), Code::kBadString);
}

TEST(ExpressionTest, AddsRoundsAndMultiplies) {
  SampleRcrate sample;
  ContractValues values = {56, 90, 0, 0, 7, 0};
  EXPECT_EQ(*Evaluate(sample.rcrate, values, sample.zero), 0);
  EXPECT_EQ(*Evaluate(sample.rcrate, values, sample.off_private_data), 56);
  EXPECT_EQ(*Evaluate(sample.rcrate, values, sample.own_size), 96 + 40);
  ExprId id =
      sample.rcrate.Add(Expr{-5, {{-2, sample.private_data, 0}, {3, sample.miscdevice_size, 8}}});
  EXPECT_EQ(*Evaluate(sample.rcrate, values, id), -5 - 112 + 288);
  EXPECT_EQ(Spell(sample.rcrate, id), "-2*off(file.private_data) + 3*up(size(miscdevice), 8) - 5");
}

TEST(ExpressionTest, RefusesANumberOutsideOf64Bits) {
  SampleRcrate sample;
  const int64_t most = std::numeric_limits<int64_t>::max();
  auto code = [&](Expr expr, int64_t value) {
    ContractValues values(sample.rcrate.contracts.size(), value);
    auto result = Evaluate(sample.rcrate, values, sample.rcrate.Add(std::move(expr)));
    return result ? Code::kUsage : result.error().code;
  };
  EXPECT_EQ(code({most, {{1, sample.private_data, 0}}}, 1), Code::kOutOfRange);
  EXPECT_EQ(code({0, {{2, sample.private_data, 0}}}, most), Code::kOutOfRange);
  EXPECT_EQ(code({0, {{1, sample.private_data, 16}}}, most), Code::kOutOfRange);
  EXPECT_EQ(code({-2, {{-1, sample.private_data, 0}}}, most), Code::kOutOfRange);
}

}  // namespace
}  // namespace race::rcrate
