// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/decompress.h"

#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "support/cursor.h"

namespace race::kernel {
namespace {

using namespace std::string_view_literals;

constexpr struct {
  std::string_view magic;
  const char* name;
} kMagics[] = {{"\x1f\x8b"sv, "gzip"},
               {"\xfd"
                "7zXZ\0"sv,
                "xz"},
               {"\x5d\0\0"sv, "lzma"},
               {"\x28\xb5\x2f\xfd"sv, "zstd"},
               {"\x02\x21\x4c\x18"sv, "lz4"},
               {"BZh"sv, "bzip2"},
               {"\x89LZO"sv, "lzo"}};

// Each unpacks into [out, out + room) and says how much came out.  On false the
// stream is damaged or does not fit.
bool Gunzip(std::string_view in, char* out, uint64_t room, uint64_t* length) {
  z_stream stream = {};
  if (in.size() > UINT32_MAX || room > UINT32_MAX) return false;
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return false;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = in.size();
  stream.next_out = reinterpret_cast<Bytef*>(out);
  stream.avail_out = room;
  int status = inflate(&stream, Z_FINISH);
  *length = stream.total_out;
  inflateEnd(&stream);
  return status == Z_STREAM_END;
}

bool Unxz(std::string_view in, char* out, uint64_t room, uint64_t* length) {
  lzma_stream stream = LZMA_STREAM_INIT;
  constexpr uint64_t kMemory = 512 << 20;
  bool alone = in.front() == '\x5d';
  lzma_ret status =
      alone ? lzma_alone_decoder(&stream, kMemory) : lzma_stream_decoder(&stream, kMemory, 0);
  if (status != LZMA_OK) return false;
  stream.next_in = reinterpret_cast<const uint8_t*>(in.data());
  stream.avail_in = in.size();
  stream.next_out = reinterpret_cast<uint8_t*>(out);
  stream.avail_out = room;
  status = lzma_code(&stream, LZMA_RUN);
  *length = stream.total_out;
  lzma_end(&stream);
  return status == LZMA_STREAM_END;
}

bool Unzstd(std::string_view in, char* out, uint64_t room, uint64_t* length) {
  size_t frame = ZSTD_findFrameCompressedSize(in.data(), in.size());
  if (ZSTD_isError(frame)) return false;
  size_t done = ZSTD_decompress(out, room, in.data(), frame);
  *length = done;
  return !ZSTD_isError(done);
}

// The legacy frame, which is what the kernel's build makes: blocks of up to 8 MB,
// each after its length, without an end mark of its own.
bool Unlz4(std::string_view in, char* out, uint64_t room, uint64_t* length) {
  constexpr uint32_t kBlock = 8 << 20;
  Cursor cursor(in, 4);
  for (*length = 0; *length < room;) {
    uint32_t packed;
    std::string_view block;
    if (!cursor.Read(&packed) || packed == 0) return *length > 0;
    if (packed > LZ4_COMPRESSBOUND(kBlock) || !cursor.Bytes(packed, &block)) return false;
    int space = std::min<uint64_t>(kBlock, room - *length);
    int done = LZ4_decompress_safe(block.data(), out + *length, packed, space);
    if (done <= 0) return false;
    *length += done;
  }
  return true;
}

bool Unpack(std::string_view name, std::string_view in, char* out, uint64_t room,
            uint64_t* length) {
  if (name == "gzip") return Gunzip(in, out, room, length);
  if (name == "xz" || name == "lzma") return Unxz(in, out, room, length);
  if (name == "zstd") return Unzstd(in, out, room, length);
  if (name == "lz4") return Unlz4(in, out, room, length);
  return false;
}

Result<const char*> Supported(std::string_view data) {
  const char* name = CompressionName(data);
  if (!name) return Fail(Code::kNotKernel) << "compressed in a way that is not known";
  if (name == "bzip2"sv || name == "lzo"sv)
    return Fail(Code::kNotKernel) << "compressed with " << name << ", which is not supported";
  return name;
}

}  // namespace

const char* CompressionName(std::string_view data) {
  for (const auto& known : kMagics)
    if (data.starts_with(known.magic)) return known.name;
  return nullptr;
}

Result<Bytes> DecompressExactly(std::string_view data, uint64_t size) {
  RACE_ASSIGN(name, Supported(data));
  RACE_ASSIGN(bytes, Bytes::Allocate(size));
  uint64_t length = 0;
  if (!Unpack(name, data, bytes.data(), size, &length))
    return Fail(Code::kNotKernel) << "damaged: the " << name << " stream does not unpack to the "
                                  << size << " bytes that the file announces";
  if (length != size)
    return Fail(Code::kNotKernel) << "damaged: the " << name << " stream unpacks to " << length
                                  << " bytes, the file announces " << size;
  return bytes;
}

Result<std::string> DecompressUpTo(std::string_view data, uint64_t limit) {
  RACE_ASSIGN(name, Supported(data));
  // The size is not recorded everywhere: try with more room until it fits.
  for (uint64_t room = std::max<uint64_t>(data.size() * 4, 1 << 16);; room *= 4) {
    std::string out(std::min(room, limit), '\0');
    uint64_t length = 0;
    if (Unpack(name, data, out.data(), out.size(), &length)) {
      out.resize(length);
      return out;
    }
    if (room >= limit)
      return Fail(Code::kNotKernel)
             << "damaged " << name << " stream, or more than " << limit << " bytes";
  }
}

}  // namespace race::kernel
