// SPDX-License-Identifier: GPL-2.0-only
//
// The ways in which kernels are compressed, and the bzImage around them.
#pragma once

#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "kernel_image_builder.h"

namespace race::kernel {

inline std::string Compress(const std::string& format, const std::string& in) {
  std::string out(in.size() * 2 + 4096, '\0');
  auto* to = reinterpret_cast<uint8_t*>(out.data());
  const auto* from = reinterpret_cast<const uint8_t*>(in.data());
  if (format == "gzip") {
    z_stream stream = {};
    deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = const_cast<Bytef*>(from);
    stream.avail_in = in.size();
    stream.next_out = to;
    stream.avail_out = out.size();
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
  } else if (format == "xz") {
    size_t length = 0;
    lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, nullptr, from, in.size(), to, &length, out.size());
    out.resize(length);
  } else if (format == "lzma") {
    lzma_options_lzma options;
    lzma_lzma_preset(&options, 1);
    options.dict_size = 1 << 24;
    lzma_stream stream = LZMA_STREAM_INIT;
    if (lzma_alone_encoder(&stream, &options) != LZMA_OK) return "";
    stream.next_in = from;
    stream.avail_in = in.size();
    stream.next_out = to;
    stream.avail_out = out.size();
    while (lzma_code(&stream, LZMA_FINISH) == LZMA_OK) {
    }
    out.resize(stream.total_out);
    lzma_end(&stream);
  } else if (format == "zstd") {
    // With a checksum, as the command line program makes it.
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    out.resize(ZSTD_compress2(context, out.data(), out.size(), in.data(), in.size()));
    ZSTD_freeCCtx(context);
  } else if (format == "lz4") {
    int length = LZ4_compress_default(in.data(), out.data() + 8, in.size(), out.size() - 8);
    Put<uint32_t>(&out, 0, 0x184c2102);
    Put<uint32_t>(&out, 4, length);
    out.resize(8 + length);
  }
  return out;
}

inline std::string BzImage(const std::string& payload, uint32_t unpacked_size, bool add_size) {
  constexpr uint64_t kSetup = 3 * 512;
  std::string file(kSetup + 64, '\0');
  std::string body = payload;
  if (add_size) Put<uint32_t>(&body, body.size(), unpacked_size);
  memcpy(file.data(), "MZ", 2);
  Put<uint8_t>(&file, 0x1f1, 2);
  memcpy(file.data() + 0x202, "HdrS", 4);
  Put<uint16_t>(&file, 0x206, 0x20f);
  Put<uint16_t>(&file, 0x20e, 0x300);
  Put<uint32_t>(&file, 0x248, 64);
  Put<uint32_t>(&file, 0x24c, body.size());
  std::string version = std::string(kRelease) + " (builder) #1 SMP";
  memcpy(file.data() + 0x500, version.c_str(), version.size() + 1);
  return file + body + std::string(16, '\x7e');
}

inline std::string BzImage(const std::string& format, const std::string& vmlinux) {
  // gzip has the size at its end of itself, to the others the build adds it.
  return BzImage(Compress(format, vmlinux), vmlinux.size(), format != "gzip");
}

}  // namespace race::kernel
