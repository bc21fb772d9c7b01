// SPDX-License-Identifier: GPL-2.0-only
//
// NameImpls(): rustc writes "<impl at FILE:5:21: 5:27>" for every impl, so that two items of
// one name differ by a place only.  What stands at that place says whose they are.
#include <charconv>

#include "build/mir_text.h"

namespace race::build {
namespace {

struct Span {
  std::string path;
  size_t line = 0, column = 0, last_line = 0, last_column = 0;  // from 1
};

bool TakeNumber(std::string_view* text, std::string_view after, size_t* number) {
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, *number);
  if (error != std::errc()) return false;
  text->remove_prefix(static_cast<size_t>(stop - text->data()));
  if (!text->starts_with(after)) return false;
  text->remove_prefix(after.size());
  return true;
}

// "FILE:5:21: 5:27"
bool ParseSpan(std::string_view text, Span* span) {
  const size_t colon = text.find(".rs:");
  if (colon == text.npos) return false;
  span->path = std::string(text.substr(0, colon + 3));
  text.remove_prefix(colon + 4);
  return TakeNumber(&text, ":", &span->line) && TakeNumber(&text, ": ", &span->column) &&
         TakeNumber(&text, ":", &span->last_line) && TakeNumber(&text, "", &span->last_column);
}

size_t LineStart(std::string_view source, size_t line) {
  size_t at = 0;
  for (; line > 1 && at != source.npos; line--) {
    at = source.find('\n', at);
    if (at != source.npos) at++;
  }
  return at;
}

// The text there with one blank for several, empty when it is no impl.
std::string TextAt(std::string_view source, const Span& span) {
  const size_t first = LineStart(source, span.line), last = LineStart(source, span.last_line);
  if (first == source.npos || last == source.npos || span.column == 0 || span.last_column == 0)
    return "";
  const size_t begin = first + span.column - 1, end = last + span.last_column - 1;
  if (begin >= end || end > source.size()) return "";
  std::string text;
  for (char c : source.substr(begin, end - begin)) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (blank && (text.empty() || text.back() == ' ')) continue;
    text += blank ? ' ' : c;
  }
  // What a macro made of its parameters is not written there.
  if (text.find('$') != text.npos || text.find("//") != text.npos || text.find("/*") != text.npos)
    return "";
  return text.starts_with("impl") || text.starts_with("unsafe impl") ? text : "";
}

}  // namespace

void NameImpls(Mir* mir, const SourceReader& read) {
  constexpr std::string_view kImpl = "<impl at ";
  std::map<std::string, std::optional<std::string>> files;
  for (MirBody& body : mir->bodies) {
    const size_t at = body.name.rfind(kImpl);
    if (at == std::string::npos) continue;
    const size_t close = MirClosing(body.name, at);
    Span span;
    if (close == std::string::npos ||
        !ParseSpan(std::string_view(body.name).substr(at + kImpl.size(), close - at - kImpl.size()),
                   &span))
      continue;
    auto found = files.find(span.path);
    if (found == files.end()) found = files.emplace(span.path, read(span.path)).first;
    if (found->second) body.impl = TextAt(*found->second, span);
  }
}

}  // namespace race::build
