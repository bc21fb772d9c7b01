// SPDX-License-Identifier: GPL-2.0-only
#include "steg/comparison.h"

#include <algorithm>
#include <map>

#include "steg/describe.h"

namespace race::steg {
namespace {

using Entities = std::vector<Entity>;

void CompareLines(const Entity& a, const Entity& b, std::vector<std::string>* details) {
  // A name can come more than once (flattened unions), so the nth of a name is
  // compared with the nth.
  using Key = std::pair<std::string, int>;
  auto keyed = [](const Entity& entity) {
    std::map<std::string, int> seen;
    std::vector<std::pair<Key, const Entity::Line*>> lines;
    for (const Entity::Line& line : entity.lines)
      lines.push_back({{line.key, seen[line.key]++}, &line});
    return lines;
  };
  auto old_lines = keyed(a), new_lines = keyed(b);
  std::map<Key, const Entity::Line*> in_new(new_lines.begin(), new_lines.end());
  std::map<Key, const Entity::Line*> in_old(old_lines.begin(), old_lines.end());
  bool members = a.title.starts_with("struct ") || a.title.starts_with("union ");
  for (const auto& [key, line] : old_lines) {
    auto found = in_new.find(key);
    if (found == in_new.end()) {
      details->push_back("- " + key.first + " (at " + line->place +
                         (line->type.empty() ? "" : ", " + line->type) + ")");
      continue;
    }
    const Entity::Line* now = found->second;
    if (line->place != now->place)
      details->push_back("~ " + key.first + (members ? " moved: " : ": ") + line->place + " -> " +
                         now->place);
    if (line->type != now->type)
      details->push_back("~ " + key.first + " type: " + line->type + " -> " + now->type);
  }
  for (const auto& [key, line] : new_lines)
    if (!in_old.contains(key))
      details->push_back("+ " + key.first + " (at " + line->place +
                         (line->type.empty() ? "" : ", " + line->type) + ")");
}

Difference ComparePair(const Entity& a, const Entity& b) {
  Difference difference{Difference::kChanged, a.title, {}};
  if (a.head != b.head) difference.details.push_back("~ " + a.head + " -> " + b.head);
  CompareLines(a, b, &difference.details);
  // The same members in another order at the same places: a union's.
  if (difference.details.empty()) difference.details.push_back("~ order of members");
  return difference;
}

// The entities of one title in both graphs; both ranges are sorted.
void CompareGroup(Entities a, Entities b, std::vector<Difference>* out) {
  Entities only_a;
  for (Entity& entity : a) {
    auto same = std::find(b.begin(), b.end(), entity);
    if (same == b.end())
      only_a.push_back(std::move(entity));
    else
      b.erase(same);
  }
  size_t both = std::min(only_a.size(), b.size());
  for (size_t i = 0; i < both; i++) out->push_back(ComparePair(only_a[i], b[i]));
  for (size_t i = both; i < only_a.size(); i++)
    out->push_back({Difference::kRemoved, only_a[i].title, {only_a[i].head}});
  for (size_t i = both; i < b.size(); i++)
    out->push_back({Difference::kAdded, b[i].title, {b[i].head}});
}

}  // namespace

std::vector<Difference> Compare(const Graph& a, const Graph& b,
                                const std::vector<std::string>& roots) {
  Entities old_all = DescribeAll(a, roots), new_all = DescribeAll(b, roots);
  std::vector<Difference> differences;
  auto take = [](Entities& all, size_t* at, const std::string& title) {
    Entities group;
    while (*at < all.size() && all[*at].title == title) group.push_back(std::move(all[(*at)++]));
    return group;
  };
  for (size_t i = 0, k = 0; i < old_all.size() || k < new_all.size();) {
    std::string title;
    if (i == old_all.size())
      title = new_all[k].title;
    else if (k == new_all.size())
      title = old_all[i].title;
    else
      title = std::min(old_all[i].title, new_all[k].title);
    Entities old_group = take(old_all, &i, title);
    CompareGroup(std::move(old_group), take(new_all, &k, title), &differences);
  }
  return differences;
}

void WriteDifferences(const std::vector<Difference>& differences, std::ostream& out) {
  for (const Difference& difference : differences) {
    if (difference.kind != Difference::kChanged) {
      out << (difference.kind == Difference::kAdded ? "+ " : "- ") << difference.title << ": "
          << difference.details.front() << '\n';
      continue;
    }
    out << "~ " << difference.title << '\n';
    for (const std::string& detail : difference.details) out << "    " << detail << '\n';
  }
}

}  // namespace race::steg
