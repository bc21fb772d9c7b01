// SPDX-License-Identifier: GPL-2.0-only
#include "steg/text_writer.h"

#include "steg/describe.h"

namespace race::steg {

size_t WriteText(const Graph& graph, const std::vector<std::string>& roots, std::ostream& out,
                 NodeId first) {
  std::vector<Entity> entities = DescribeAll(graph, roots, first);
  for (const Entity& entity : entities) out << entity.Text();
  return entities.size();
}

}  // namespace race::steg
